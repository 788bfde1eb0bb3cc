"""Pure steps from one FleetSnapshot to the next, a file per subject. No clock, no I/O."""
