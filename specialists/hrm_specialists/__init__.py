"""The thinkers: tasks, networks, training and inference. Synchronous."""
