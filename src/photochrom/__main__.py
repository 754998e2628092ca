"""`python -m photochrom` is the command `photochrom`."""

from photochrom.cli.main import main

main(prog_name="photochrom")
