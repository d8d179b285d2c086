"""From policy YAML to compiled rules: compile, reload, test, replay."""
