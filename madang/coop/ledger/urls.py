from django.urls import path

from madang.coop.ledger import views

app_name = "ledger"
urlpatterns = [
    path("treasury/", views.treasury, name="treasury"),
    path("statement/", views.statement, name="statement"),
    path("statement/<int:year>-<int:month>/", views.statement, name="statement_month"),
    path("statement/of/<slug:slug>/", views.organisation_statement, name="organisation_statement"),
    path("statement/of/<slug:slug>/<int:year>-<int:month>/", views.organisation_statement, name="organisation_statement_month"),
    path("statement/receipt/<int:transfer>.txt", views.receipt, name="receipt"),
    path("why/<int:transfer>/", views.why, name="why"),
]
