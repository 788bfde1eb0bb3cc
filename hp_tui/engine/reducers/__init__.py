"""Pure steps from one FleetSnapshot to the next, one module for each subject. No clock, no I/O."""
