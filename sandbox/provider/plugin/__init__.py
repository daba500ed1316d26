"""The handlers as a provider plugin, so that Pulumi's own engine can drive the same programs."""
