"""What monitoring's events and metrics are called, wherever they are written or listened to."""

EVENT = "Modelyard Monitoring Finding"
SOURCE = "modelyard"
NAMESPACE = "Modelyard"
# How many windows nobody has looked at; its absence means that nobody looks at all.
HEARTBEAT = "MonitorBehind"
