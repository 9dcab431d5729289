"""The microservice chassis: what every service needs, and no business word."""
