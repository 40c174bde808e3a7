from django.urls import path

from madang.coop.law import views

urlpatterns = [path("", views.bounds, name="law_bounds")]
