"""Define the `ouvoir` command: the name, the place and the help of each verb, none of which is imported before it runs."""

import click

from cli.group import LazyCommand, LazyGroup

COMMANDS = {
    "accept": LazyCommand("cli.held_runs", "accept_run", "Accepte une collecte en attente, en disant pourquoi."),
    "agent": LazyCommand("cli.agents", "agent", "Comptes des agents."),
    "audit": LazyCommand("cli.audits", "audit", "Contrôle des décisions automatiques, tirées au hasard."),
    "crawl": LazyCommand("cli.crawl", "crawl", "Collecte le catalogue d'une plateforme."),
    "demo": LazyCommand("cli.demo", "demo", "Construit et sert la démonstration : films réels, services inventés."),
    "editor-key": LazyCommand("cli.editor_keys", "editor_key", "Clés des éditeurs qui nous envoient leur catalogue."),
    "enrich": LazyCommand(
        "cli.sources", "enrich", "Complète les films par des données ouvertes : numéros, titres, réalisateurs, dates, durées."
    ),
    "export": LazyCommand("cli.opendata", "export", "Écrit les données ouvertes du jour : CSV, Parquet, schémas, sommes."),
    "import": LazyCommand(
        "cli.sources",
        "import_source",
        "Importe une base de films ; à côté d'une autre, ses lignes sont rattachées aux films connus.",
    ),
    "link": LazyCommand("cli.matching", "link", "Relie un fichier de titres à un fichier de films, sans base de données."),
    "links": LazyCommand("cli.links", "links", "Vérifie poliment que les liens montrés mènent encore à une page."),
    "match": LazyCommand("cli.matching", "match", "Relie les catalogues collectés à la base de films."),
    "partner": LazyCommand("cli.partners", "partner", "Partenaires : l'adresse privée où chacun lit ses chiffres."),
    "platforms": LazyCommand(
        "cli.platforms", "list_platforms", "Liste les plateformes du registre et leur état, ou dit tout d'une seule."
    ),
    "probe": LazyCommand(
        "cli.probe", "probe", "Sonde une adresse : ce que son site permet et montre, et un brouillon de fichier de plateforme."
    ),
    "publish": LazyCommand(
        "cli.opendata",
        "publish",
        "Envoie le dernier export à data.gouv.fr, avec la clé de OUVOIR_DATAGOUV_KEY ; à blanc sans --yes.",
    ),
    "reject": LazyCommand(
        "cli.held_runs", "reject_run", "Refuse une collecte en attente, en disant pourquoi : rien n'en est montré."
    ),
    "runs": LazyCommand("cli.runs", "list_runs", "Liste les collectes, la plus récente d'abord."),
    "schedule": LazyCommand("cli.schedule", "schedule", "Collecte ce qui est dû, puis relie, sans fin."),
    "serve": LazyCommand("cli.serve", "serve", "Sert le site sur cette machine."),
    "tasks": LazyCommand("cli.tasks", "tasks", "Liste ce qui attend un agent, ou clôt une tâche."),
    "train": LazyCommand(
        "cli.matching",
        "train",
        "Apprend les poids du rapprochement sur des listes dont la réponse est connue, et écrit le rapport.",
    ),
}

main = click.version_option(package_name="ouvoir")(
    LazyGroup("ouvoir", COMMANDS, help="OùVoir : où voir ce film, légalement, en France ?")
)
