"""The words that the rules look for, folded (no case, no accents). `*` stands for any end of a word.

Of our own making; the branches follow the French nomenclature of activities (NAF, sections B to E). Measuring
them on more cases is what will make them better.
"""

from __future__ import annotations

from .wording import terms

INDUSTRY = terms("""
    industri*, agro-industri*, reindustrialis*, usine, manufactur*, fabrique, fabricant, chaine de montage,
    chaine de production, chaine de fabrication, ligne de production, ligne de fabrication, ligne de montage,
    ligne d'assemblage, atelier de production, atelier de fabrication, site de production, gigafactory,
    agroalimentaire, agro-alimentaire, conserverie, laiterie, sucrerie, biscuiterie, confiserie industrielle,
    chocolaterie, charcuterie industrielle, salaison, minoterie, huilerie, rhumerie, distillerie, malterie,
    embouteill*, surgel*, textile, tissage, filature, tisseur, metier a tisser, ennoblissement, teinturerie,
    bonneterie, dentell*, corderie, confection, maroquinerie, maroquinier, tannerie, tanneur, megisserie, ganterie,
    sellerie, chaussure, scierie, scieur, papeterie, papetier, cartonnerie, imprimerie, imprimeur, raffinerie,
    petrochimi*, chimie, chimique, chimiste, savonnerie, parfumerie, cosmetique, peintures et vernis,
    pharmaceutique, biotechnolog*, plasturg*, caoutchouc, pneumatique, verrerie, verrier, cristallerie, flaconnage,
    ceramique, porcelaine, faience, faiencerie, tuilerie, briqueterie, cimenterie, cimentier, ciment, clinker,
    siderurg*, acierie, metallurg*, fonderie, fondeur, forge, forgeron, estampage, laminoir, lamineur,
    haut-fourneau, haut fourneau, coulee, chaudronn*, soudeur, soudeuse, soudage, soudure, tolerie, tolier, usinage,
    usineur, decolletage, emboutiss*, chromage, galvanis*, trefil*, cablerie, cablage, cableur, cableuse,
    coutellerie, cuivrerie, robinetterie, visserie, boulonnerie, outillage, outilleur, mouliste, moulerie,
    injection plastique, electronique, electronicien, microelectronique, semi-conducteur, salle blanche, photonique,
    electrotechni*, electromecani*, automatic*, mecatronique, robotique, roboticien, cobot, machine-outil,
    machines-outils, commande numerique, machinisme, motoriste, turbine, automobile, carrosserie, equipementier,
    ferroviaire, materiel roulant, technicentre, chantier naval, construction navale, navale, carenage, aeronauti*,
    aerospatial*, spatial, spatiale, avionneur, avionique, aerocomposite, composite, ameublement, lunetterie,
    lunettier, horloger*, bijouterie, dispositif* medica*, prothesiste, nucleaire, hydrogene, electrolyseur,
    eolienne, barrage, hydroelectri*, methanis*, geothermie, photovoltaique, centrale electrique,
    centrale thermique, potabilisation, station d'epuration, traitement des eaux, centre de tri, tri des dechets,
    recyclage, valorisation des dechets, mecanique de precision, traitement de surface, controle non destructif,
    fabrication additive, jumeau numerique, conducteur de ligne, operateur de production, operatrice de production,
    technicien de maintenance, technicienne de maintenance, uimm
    """)
"""Said of industry and of little else."""

TRADES = terms("""
    atelier, machine, robot, automate, convoyeur, banc d'essai, ligne pilote, presse de, four a, moteur, moule,
    prototyp*, impression 3d, laser, drone, capteur, batterie, silicium, puce, acier, inox, aluminium, titane,
    cuivre, bronze, fonte, metal, metaux, metallique, tole, cuir, laine, caoutchouc, liege, plastique, resine,
    beton, fibre, bois, assembl*, fabrication, fabriquer, fabriquent, fabriquons, fabriquee, production, produisons,
    produit par jour, conditionn*, emballage, moulage, extrusion, tournage, tourneur, fraisage, fraiseur, fraiseuse,
    ajusteur, ajusteuse, rectification, drapage, autoclave, stratifi*, couture, piqueuse, decoupe,
    sertiss*, laquage, bobinage, bobinier, tuyaut*, monteur, monteuse, montage, maintenance, mecanique, mecanicien,
    mecanicienne, hydraulique, electricien, electricienne, menuiserie, ebenist*, technicien, technicienne,
    ingenieur, ingenieure, operateur, operatrice, regleur, regleuse, ouvrier, ouvriere, logisticien, logisticienne,
    essayeur, essayeuse, bureau d'etudes, controle qualite, bac pro, lycee professionnel, cfa, apprenti, apprentie,
    apprentissage, savoir-faire, made in france, decarbon*, pigment, bateau, yacht, avion, helicoptere, locomotive,
    rame, metro, tramway, tracteur, autocar, tonne
    """)
"""Of the workshop, and of other places too."""

NEIGHBOURS = terms("""
    banque, bancaire, assurance, assureur, finance, ecole de commerce, manager, management, marketing, notaire,
    logiciel, services numeriques, cloud, developpeu*, jeu video, jeux video, cinema, dessin anime, logistique,
    entrepot, e-commerce, colis, transports urbains, bus, autocariste, batisseur, batiment, btp, travaux publics,
    chantier du, chantier de construction, maconnerie, architecte, hopital, hospitalier, clinique, ehpad, soins,
    pharmacie, hyper, hypermarche, supermarche, magasin, boulangerie, patisserie, boucherie, poissonnerie,
    metiers de bouche, restaurant, brasserie, biere, chai, vin, vigne, vignoble, domaine viticole, comice, foire,
    elevage, maraich*, horticol*, apicult*, poterie, potier, potiere, petit train, tourisme, touristique, garage,
    armee, gendarmerie, police, pompiers
    """)
"""Branches beside industry: where the title or the name of the organisation bears one, a person decides."""

ELSEWHERE = terms("""
    yoga, meditation, sophrologie, bien-etre, massage, coiffure, esthetique, relooking, brocante, vide-grenier,
    loto, tombola, kermesse, belote, tarot, petanque, bal, soiree dansante, dancefloor, boite de nuit, discotheque,
    dj, karaoke, concert, chorale, orchestre, musical, musique, chanson, spectacle, theatre, comedien, comedienne,
    marionnette, conte, one-man-show, cirque, artiste, salsa, zumba, pilates, fitness, randonnee, marathon, tournoi,
    football, rugby, judo, cours de cuisine, cours de danse, chef cuisinier, oenolog*, vin chaud, marche de noel,
    pere noel, vernissage, aquarelle, peinture a l'huile, poesie, dedicace, tricot, scrapbooking, jardinage,
    astrologie, voyance, bourse aux jouets, don du sang, messe, pelerinage, camping, plage, mariage, hotellerie,
    hotel, receptionniste, petite enfance, creche, assistante maternelle, puericult*, immobilier, scpi,
    location meublee, defiscalisation, buvette, frites, gouter
    """)
"""Leisure, and trades far from industry."""

PAYING = terms("""
    tarif, payant, payante, participation aux frais, participation financiere, participation demandee,
    libre participation, prix libre, au chapeau, a la charge, billetterie, billet d'entree, droit d'entree,
    prix d'entree, prix de l'entree, prix de la visite, prix du billet, caution, paf, a regler, reglement sur place,
    frais d'inscription, consommations payantes, consommations en vente, nous consulter, moyennant, achat du kit,
    achat obligatoire
    """)
"""Words of a payment, which may be an entrance or something beside it."""

CLOSED = terms("""
    sur invitation, carton d'invitation, invitation nominative, evenement interne, journee interne, forum interne,
    reunion interne, seminaire interne, evenement prive, intranet, ferme* au public, non ouvert* au public,
    huis clos, badge obligatoire, aucun acces exterieur, comite d'entreprise, ayant droit, liste close,
    preselectionn*, conference des membres, annuelle des membres, assemblee generale, uniquement pour nos,
    seulement pour nos
    """)
"""Signs that not everyone may come: one makes a doubt, two with none to the contrary close the door."""

OPEN = terms("""
    ouvert* a tous, ouvert* a toutes, ouvert* au public, ouvert* aux visiteurs, tout public, grand public,
    entree libre, acces libre, visiteur, le public, au public, les voisins, les curieux, sur inscription, bienvenu*
    """)
"""Signs that anyone may come."""
