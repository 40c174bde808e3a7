from django.urls import path
from django.views.generic import RedirectView

from madang.platforms.services.views import booking, day, homes, jobs, office

app_name = "services"
urlpatterns = [
    path("", booking.catalogue, name="home"),
    path("book/", booking.size, name="book"),
    path("book/quote/", booking.quote, name="quote"),
    path("book/time/", booking.times, name="times"),
    path("book/address/", booking.confirm, name="confirm"),
    path("bookings/", jobs.mine, name="jobs"),
    path("bookings/<uuid:job_id>/", RedirectView.as_view(pattern_name="services:job")),
    path("jobs/<uuid:job_id>/", jobs.job, name="job"),
    path("jobs/<uuid:job_id>/receipt/", jobs.receipt, name="receipt"),
    path("homes/", homes.homes, name="homes"),
    path("homes/<uuid:home_id>/", homes.edit, name="home_edit"),
    path("day/", day.day, name="work"),
    path("work/", RedirectView.as_view(pattern_name="services:work")),
    path("availability/", day.availability, name="availability"),
    path("board/", office.board, name="board"),
    path("workers/", office.workers, name="workers"),
]
