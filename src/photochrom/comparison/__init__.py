"""The methods side by side: photographs as rows of a sheet, with what each method makes of them and figures."""
