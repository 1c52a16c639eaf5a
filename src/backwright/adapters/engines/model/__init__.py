"""The engine `model`: a language model at a provider, with tools that see and change a private copy and nothing else."""
