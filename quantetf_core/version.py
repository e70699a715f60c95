"""The version of the code, recorded in every plan and commit."""

VERSION = "0.2.0"
