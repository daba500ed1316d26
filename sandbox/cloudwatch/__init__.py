"""CloudWatch's arithmetic: samples, statistics, expressions and the state of alarms."""
