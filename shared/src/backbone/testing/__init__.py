"""What the tests of every service stand on: a pytest plugin (`plugin.py`), and the fakes that ship with the floor."""
