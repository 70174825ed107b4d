import os

# Before anything of MLflow's is imported: what is trained here is told to the authority's own server alone.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
