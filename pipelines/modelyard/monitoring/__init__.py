"""What the monitoring job finds out about one window of a served model, and the page it writes."""
