"""The register of bodies as it is delivered, and what a mail address is worth against it. Pure: no Django."""
