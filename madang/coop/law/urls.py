from django.urls import path

from madang.coop.law import views

app_name = "law"
urlpatterns = [path("", views.bounds, name="bounds")]
