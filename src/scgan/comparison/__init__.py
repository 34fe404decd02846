"""Methods and ablations, trained alike and judged alike."""
