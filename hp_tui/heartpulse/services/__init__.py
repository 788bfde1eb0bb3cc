"""The servicers: what each service of the fleet answers."""
