from django.urls import path

from madang.coop.tax import views

app_name = "tax"
urlpatterns = [
    path("", views.office, name="office"),
    path("standing/", views.standing, name="standing"),
    path("mine/", views.mine, name="mine"),
    path("kept/<int:year>/", views.kept, name="kept"),
    path("paper/<uuid:paper>/", views.paper, name="paper"),
    path("paper/<uuid:paper>/invoice.xml", views.einvoice, name="einvoice"),
    path("filing/<uuid:filing>/", views.filing, name="filing"),
    path("papers.csv", views.papers, name="papers"),
    path("statement.csv", views.statement, name="statement"),
]
