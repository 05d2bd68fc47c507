package pii

// topicWords are the words of each topic in English, German, French, Spanish,
// Italian, Dutch and Polish (and some of other countries' numbers), without
// marks over letters. A star stands for any letters, "_" joins two words.
var topicWords = [ownTopics]string{
	aboutPhone: `phone* telephone* tel mobile* cell cellphone* call calling callback ring dial reach whatsapp fax contact_number phone_number landline
		telefon* *telefon handy* handynummer mobil* rufnummer* durchwahl festnetz* anrufen erreichen erreichbar ruckruf* zuruckrufen
		portable* gsm joindre rappel* appel* fixe
		movil* celular* llamar* llama* llame* fijo
		cellulare* cell chiama* chiami richiam* recapito fisso
		bel bellen telefoon* *telefoon mobiel* bereik* terugbel* vast_nummer
		komork* kom zadzwon* dzwon* oddzwon* kontakt* stacjonarn*`,
	aboutCard: `card cards visa mastercard amex american_express maestro discover jcb diners credit debit
		karte *karte kreditkart* kartennummer* bankkarte girocard
		carte carte_bleue cb bancaire
		tarjeta* credito debito
		carta carte_di
		kaart* creditcard* *kaart bankpas
		kart* karta karty kartę`,
	aboutCVV: `cvv cvc cvv2 cvc2 cid csc security_code security_number verification_code card_code three_digits three_digit four_digits four_digit digit_code the_back the_front back_of
		prufnummer* kartenprufnummer* prufziffer* sicherheitscode* sicherheitsnummer* prufcode* drei_ziffern dreistellig* drei_stellen vier_ziffern vierstellig* kartenruckseite* ruckseite hinten_drauf
		cryptogramme* code_securite securite_carte dos_de au_dos trois_chiffres quatre_chiffres trois_derniers code_verification
		codigo_seguridad codigo_cvv de_seguridad tres_cifras tres_digitos tres_numeros reverso cuatro_digitos
		codice_sicurezza di_sicurezza codice_cvv tre_cifre tre_numeri sul_retro quattro_cifre
		beveiligingscode* veiligheidscode* controlecode* verificatiecode* drie_cijfers vier_cijfers achterkant achterop
		kod_cvv kod_cvc kod_zabezpieczajacy zabezpieczajac* trzy_cyfry cztery_cyfry z_tylu na_odwrocie odwrocie`,
	aboutExpiry: `expir* exp valid_thru valid_through valid_until valid_till good_thru good_through good_until
		gultig* ablauf* ablaufdatum* verfall* gultigkeit*
		expiration* expire* validite valable*
		caducidad* caduca* vence* vencimiento* valida_hasta
		scadenza* scade* validita
		verval* vervaldatum* geldig*
		wazn* waznosci wygasa* termin_waznosci`,
	aboutBank: `iban bank* account* swift bic transfer* transaction* sort_code
		konto* *konto kontonummer* bankverbindung* uberweis* lastschrift*
		compte* banque* virement* rib
		cuenta* banco* transferencia*
		conto banca* bonifico*
		rekening* *rekening overschrijv*
		rachun* konta przelew* bankow*`,
	aboutPassport: `passport* travel_document *passport
		reisepass* pass passnummer* *pass passnr
		passeport*
		pasaporte*
		passaporto* passaporti
		paspoort* reisdocument*
		paszport*
		passaporte* pas pasi pasport* pass_nr utazasi utlevel* pasaport*`,
	aboutIdentity: `identity id id_card national_id identification identity_card identity_document dni document_number
		ausweis* personalausweis* *ausweis perso ausweisnummer* dokumentennummer* identitatskarte*
		identite cni carte_identite piece_identite d'identite
		identidad documento cedula
		identita cie carta_identita
		identiteit* identiteitskaart* identiteitsbewijs* legitimatie* *kaart
		dowod* osobist* dowodu tozsamosc*
		cartao_cidadao cidadao citizen legitimation* henkilokortti osobna_iskaznica obcansk* obciansk* szemelyi*`,
	aboutLicence: `driving driver drivers licence* license* dvla permit
		fuhrerschein* fuehrerschein* fahrerlaubnis* fuhrerausweis*
		permis conduire
		carnet_conducir permiso_conducir conducir licencia*
		patente* guida licenza
		rijbewijs*
		prawo_jazdy prawa_jazdy prawie_jazdy jazdy
		korekort* forerkort* ajokortti carta_conducao vozack* ridicsk* vodicsk* jogositvany*`,
	aboutPlate: `plate* registration reg number_plate licence_plate license_plate car vehicle* parking park parked garage vrn
		kennzeichen* *kennzeichen nummernschild* kontrollschild* autonummer* auto autos wagen pkw kfz fahrzeug* parkplatz* parken tiefgarage* mietwagen*
		plaque* immatricul* voiture* vehicule* stationn* parking*
		matricula* coche* vehiculo* aparcamiento* aparcar aparcado
		targa* macchina* auto veicolo* parcheggi* automobile*
		kenteken* auto wagen parkeer* voertuig* nummerplaat*
		rejestrac* tablic* samoch* auta autem parking* pojazd*`,
	aboutTax: `tax* vat tin taxpayer* utr invoice*
		steuer* *steuer ust ustid* umsatzsteuer* uid finanzamt* idnr mehrwertsteuer*
		fiscal* impot* tva spi
		nif iva fiscales hacienda tributari*
		codice_fiscale fiscale cf piva partita_iva partita iva p_iva
		btw* belasting* fiscaal rsin
		nip podatk* podatnik*
		nif contribuinte afm dic pdv oib cui cif ddv alv moms mva adoszam* adoazonosito* pvm pvn kmkr`,
	aboutSocial: `social_security national_insurance ssn insurance ni_number nino pps ppsn personal_number identity_number national_number
		sozialversicherung* rentenversicherung* versicherungsnummer* sv_nummer svnr ahv* rvnr
		securite_sociale secu nir insee vitale assure*
		seguridad_social afiliacion nuss
		previdenza* sociale inps
		bsn burgerservice* sofi* rijksregister* insz
		pesel* zus
		personnummer* personnr samordningsnummer cpr* hetu henkilotunnus fodselsnummer* fodselsnr personnumer isikukood*
		asmens_kodas personas_kods rodne* rodneho egn emso cnp amka oib jmbg niss matricule taj`,
	aboutHealth: `nhs health* ehic medical patient*
		krankenversicher* krankenkasse* versichertennummer* gesundheitskarte* kvnr versichertenkarte*
		sante mutuelle assurance_maladie
		sanitaria sanitario salud cip
		sanitaria sanitario tessera_sanitaria
		zorg* zorgverzekering* polisnummer*
		zdrowot* nfz ekuz`,
	aboutCompany: `company business enterprise registered registration_number crn commercial_register
		handelsregister* firma firmenbuch* hrb hra unternehmen* amtsgericht* registergericht*
		siren siret entreprise* societe*
		empresa* cif sociedad*
		azienda* societa rea
		kvk* bedrijf* onderneming* handelsregister*
		regon* krs firm* spolk*
		org_nr orgnr organisasjonsnummer* organisationsnummer* cvr y_tunnus ytunnus ico kbo registrikood`,
	aboutBirth: `born birth birthday birthdate dob
		geboren* geburt* geburtsdatum* geburtstag* geb
		naissance ne_le nee_le ne_en nee_en suis_ne suis_nee est_ne est_nee naiss anniversaire
		nacido nacida nacimiento naci nacio cumpleanos fecha_nacimiento
		nato nata nascita compleanno
		geboren geboorte* geboortedatum* verjaardag* jarig
		urodz* urodzen* urodziny ur data_urodzenia`,
	aboutAddress: `address* live lives living street home_address delivery mailing shipping resident billing
		adress* anschrift* wohne* wohnt* wohnhaft wohnort* strasse* hausnummer* postanschrift* rechnungsadress*
		adresse* habite* domicile* demeurant
		direccion* domicilio* vivo vive calle
		indirizzo* abito abita residen* via
		adres* woon* wonen woont straat*
		adres* mieszka* zamieszka* ulic* ul`,
	aboutPostCode: `postcode* post_code postal_code zip zipcode postal
		plz postleitzahl* postfach
		code_postal
		codigo_postal cp
		cap codice_postale codice_avviamento
		postcode*
		kod_pocztowy kodem_pocztowym pocztow*
		psc postnummer* postinumero* codigo_postal iranyitoszam*`,
	aboutBooking: `booking* reservation* confirmation* reference* ref booked locator itinerary pnr
		buchung* *buchung reservierung* bestatigung* buchungsnummer* buchungscode* referenz* vorgangsnummer* buchungsnr
		reservation* dossier confirmation* numero_reservation reservee
		reserva* localizador* confirmacion* referencia*
		prenotazion* conferma* riferimento*
		boeking* reservering* referentie* bevestiging* boekingsnummer* reserveringsnummer*
		rezerwac* potwierdz* referencyj*`,
	aboutLoyalty: `loyalty member* frequent_guest guest_number meilen* vielflieger* socio* klubowicz* clubowicz* lidnr membership* rewards bonvoy honors points miles frequent_flyer club gold_card
		mitglied* bonus* kundennummer* kundenkarte* treue* vielflieger* meilen punkte*
		fidelite* membre* adherent* points
		fidelidad* socio* puntos millas
		fedelta tessera* socio punti miglia
		lid lidmaatschap* klantenkaart* klantnummer* lidnummer* punten spaar* loyaliteit*
		lojalnosc* czlonk* klubow* punkty stalego_klienta stalego_goscia`,
	aboutCrypto:  `wallet* btc bitcoin* crypto* krypto* eth ethereum* portemonnaie cartera portafoglio portfel*`,
	aboutNetwork: `ip ipv4 ipv6 mac wifi wlan router network netzwerk reseau red rete netwerk sieci hardware ethernet server`,
	aboutWeb:     `url website* webseite* site link page sitio sito strona stron* internet*`,
	aboutMail:    `email* mail* e_mail courriel* correo* posta poczt* elektroniczn*`,
	aboutDate:    `date* datum* fecha* data* day tag jour dia giorno dag dzien`,
	aboutRoom: `room* floor* table* suite gate seat bungalow* apartment bus tram line platform
		zimmer* *zimmer etage* stock stockwerk* tisch* linie gleis* sitz*
		chambre* etage* table* ligne quai
		habitacion* piso* planta mesa* linea anden
		camera camere stanza* piano tavolo* linea binario
		kamer* *kamer verdieping* tafel* lijn perron
		pokoj* pokoi* pietr* stolik* lini* peron*`,
	aboutFlight: `flight* train* ice flug* flugnummer* zug zuge vol vols train vuelo* tren volo voli treno vlucht* trein lot lotu lotem pociag*`,
	aboutMoney: `euro* eur pound* gbp dollar* usd chf franken francs franc zloty* zl pln price* cost* costs preis* kostet kosten
		prix coute coûte cuesta* precio* costa prezzo* prijs* cena ceny kosztuje* per_night pro_nacht discount* rabatt* percent prozent`,
	aboutCode: `code codes codigo codice kod kodem`,
	aboutPlateName: `plate* registration reg number_plate licence_plate license_plate vrn kennzeichen* *kennzeichen nummernschild* kontrollschild* autonummer*
		plaque* immatricul* matricula* targa* kenteken* nummerplaat* rejestrac* tablic*`,
	aboutMine: `my_number meine_nummer mon_numero mi_numero mio_numero mijn_nummer moj_numer`,
	aboutCar:  `volvo bmw audi volkswagen vw mercedes tesla renault peugeot citroen toyota skoda opel vauxhall ford fiat porsche kia hyundai mazda nissan dacia`,
}
