"""The sales floor's registers: incoming calls, visits, objections, and what follows them (L-20 to L-35, L-55)."""
