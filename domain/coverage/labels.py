"""Name in French the classes that several tables share."""

from domain.common.enums import Access

UNKNOWN_LABEL = "Inconnu"
ALL_LABEL = "Ensemble"
ACCESS_LABELS = {
    Access.FREE: "Gratuit",
    Access.FREE_WITH_ADS: "Gratuit avec publicité",
    Access.CATCH_UP: "Rattrapage",
    Access.LIBRARY: "Bibliothèque",
    Access.SUBSCRIPTION: "Abonnement",
    Access.RENT: "Location",
    Access.BUY: "Achat",
}
SERVICE_CATEGORIES = {
    "Abonnement": (Access.SUBSCRIPTION,),
    "À l’acte": (Access.RENT, Access.BUY),
    "Rattrapage": (Access.CATCH_UP,),
    "Gratuit": (Access.FREE, Access.FREE_WITH_ADS, Access.LIBRARY),
}
"""The kinds of service that the quota decree tells apart, with the accesses of each."""
CATEGORY_BY_ACCESS = {access: category for category, accesses in SERVICE_CATEGORIES.items() for access in accesses}
