"""How every command that takes a MODEL explains it."""

MODEL = "a run folder, a model folder, a name that `scgan models` lists, or owner/name on the Hugging Face Hub"
