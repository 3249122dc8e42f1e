"""Running a model of which nobody looks at the inner nodes: in stages, in memory planned ahead."""
