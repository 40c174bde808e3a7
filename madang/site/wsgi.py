"""What granian serves."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

import madang.site.urls  # noqa: E402, F401  (so that the first visitor does not wait for it, and a mistake shows at start)
