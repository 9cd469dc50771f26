"""DogDB's warehouse: the Python around the dbt project."""
