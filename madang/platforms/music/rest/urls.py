from django.urls import path

from madang.platforms.music.rest import view

app_name = "music-rest"
urlpatterns = [path("<str:name>", view.answer, name="answer")]
