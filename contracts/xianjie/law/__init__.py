"""The law as dated data: time limits, and the calendar they are counted on."""
