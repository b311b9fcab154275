SECRET_KEY = "stub"
USE_TZ = True
