"""Every project of the platform from bulk lists: who is abandoned, who breaks a rule."""
