"""The workspace as a Pulumi component that programs in any of its languages can use."""
