from django.urls import path

from madang.coop.ledger import views
from madang.coop.ledger.books import views as books
from madang.coop.ledger.inspection import views as inspections
from madang.coop.ledger.openbooks import views as openbooks

app_name = "ledger"
urlpatterns = [
    path("treasury/", views.treasury, name="treasury"),
    path("treasury/books/", books.books, name="books"),
    path("treasury/books/journal/", openbooks.journal, name="journal"),
    path("treasury/books/journal/file/", openbooks.journal_file, name="journal_file"),
    path("treasury/books/examine/", inspections.examine, name="examine"),
    path("treasury/inspections/", inspections.index, name="inspections"),
    path("treasury/inspections/new/", inspections.ask, name="inspection_ask"),
    path("treasury/inspections/<uuid:id>/", inspections.inspection, name="inspection"),
    path("treasury/inspections/<uuid:id>/<slug:thing>/", inspections.see, name="inspected"),
    path("treasury/inspections/<uuid:id>/<slug:thing>/copy/", inspections.copy, name="inspection_copy"),
    path("treasury/books/<int:code>/", books.line, name="books_line"),
    path("statement/", views.statement, name="statement"),
    path("statement/<int:year>-<int:month>/", views.statement, name="statement_month"),
    path("statement/year/<int:year>/", books.year, name="year"),
    path("statement/of/<slug:slug>/", views.organisation_statement, name="organisation_statement"),
    path("statement/of/<slug:slug>/<int:year>-<int:month>/", views.organisation_statement, name="organisation_statement_month"),
    path("statement/all/<slug:sort>/", views.lines, name="lines"),
    path("statement/receipt/<int:transfer>.txt", views.receipt, name="receipt"),
    path("why/<int:transfer>/", views.why, name="why"),
]
