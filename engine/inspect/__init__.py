"""Looking into trained weights and recorded runs: one file per method."""
