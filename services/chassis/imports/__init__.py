"""Import of many records of a register from a workbook: checked first, then carried out, and taken back as a whole."""

from services.chassis.imports.declaration import Found, Importable
from services.chassis.imports.registers import PARAMETERS, TABLES, ImportBatch, ImportRow, registers
from services.chassis.imports.steps import step

__all__ = ["PARAMETERS", "TABLES", "Found", "ImportBatch", "ImportRow", "Importable", "registers", "step"]
