package pii

// The words that names are told from, in seven languages. A list holds words of
// several languages together, for a caller's name is no word of the language
// that he speaks.

// plainWords are words that are no name, so that a name ends before them and
// no introduction takes them for one.
const plainWords = `
ask asked fragen frage frag demandez demander pregunte preguntar chieda chiedere vraag vragen pytać zapytać contento contenta contenti atención attention vertrieb marketing buchhaltung verwaltung
review maintenance renovation rekening schönen schöner urlaub air ryanair easyjet lufthansa klm eurowings flixbus ober head director ceo cfo chairman owner president treasurer vegetarian
think guess believe reckon suppose glaube denke vermute crois pense creo supongo credo penso denk geloof myślę sądzę
a about after again ago all allergic already also always am an and another any anyone are around arriving as asking at away back bad be because been before being
better between both bringing business but by bye call called calling came can cannot card cash check checking client come comes coming company could couple curious customer did different do does doing
done down due each early eight either eleven else even evening ever every everything excellent exactly family far fine first five for forty four friend from fully get
getting give given glad go going gold good got great group guest had half happy has have having he hello her here hers hi him his holding home honestly how hungry husband i if important in interested
into is it its just keen know last late later leaving left let like little long looking lost lot lovely lunch made make many married maybe me meant mine minute moment more morning most much my
name near need needing never new next nice night nights nine no not nothing now of off often ok okay old on one only open or other our out outside over own paid parking part
party please pleased pretty problem quite rather ready really reception regarding reservation ridiculous right room rooms running said same saying second see serious seven she short should sick six
slightly so some someone something sorry speaking standing staying still stuck such sure surname table taking ten thank thanks that the their them then there these they thing thinking third thirty this those
three through til till time tired to today tomorrow tonight too trying twelve twenty two under unfortunately until up upset urgent us very vegan vegetarian waiting want wanted was way we week
well went were what when where which while who why wife will wish with within without wondering worried would wrong yeah yes yesterday yet you your yours afraid alone available allowed bit booked booking confused
correct delayed driving email fair flexible flying fourteen hoping hot cold impossible inside least locked lower mobile number okay perfect phone possible quiet single spelled spelt terrible travelling traveling unacceptable
urgently welcome wonderful missing misspelled misspelt incorrect written registered listed known taken told read erased defined used unusual difficult hard easy complicated common foreign pronounced changed hyphenated blank empty printed shown shared misheard crossed arriving staying checked entered mentioned incomplete arrived asking complaining upset lost absolutely born actually allright alright anyway apparently assistant colleague mother father sister brother son daughter boss manager secretary office hotel desk

aber ab abend abends alle allein alles allergisch als also alt am an andere anreise anruf auch auf aus bald bar bei beide beim bereits besser besten bestellt bin bis bisschen bitte bleiben brauche breit bringt büro chef da
dabei dafür daheim damit dann daran das dass dazu dein dem den denn der deren des deshalb deutlich die dies diese diesem dieser dieses direkt doch dort drei dritte du durch dürfen eigentlich ein eine einem
einen einer eines einfach eins einverstanden einzelzimmer elf email er erst es etwas euro familie falsch fast fertig finde firma frau freitag freue frühstück fünf für ganz gar garten gast gebucht genau genug gerade gerne gern
gestern gut gute guten habe haben hallo halb handy hat hatte hätte heiße heißt heute hier hinter hoch hotel ich ihm ihn ihnen ihr ihre ihrem ihren im immer in ins ist ja jahre jede jemand jetzt jung kam kann karte kein
keine klar kommt kommen komme kosten könnte können kurz laut lange leider leise letzte liegt links los mach machen mag man mehr mein meine meinem meinen meiner mich mir mit mittag möchte morgen muss müssen nach
nachname nacht nächte nächste nein neu neun nicht nichts niemand noch nochmal nummer nun nur ob oben oder ohne okay parkplatz per person personen privat rechnung rechts reserviert reservierung restaurant richtig rufe sagen schade schön schon schwanger
sechs sehr sein seine seit selbst sich sicher sie sieben sind so sofort sohn soll sollte sonst später spreche spricht stehe stimmt super tage telefon tisch tochter tschüss tut über überhaupt uhr um und unser unsere unten unter
verheiratet verspätet viel viele vielleicht vier voll vom von vor vorname wann war wäre warte warum was weg wegen weil weiter welche wenn wer werden wie wieder will wir wird wo woche wohl wollte wollen zehn zimmer zu zum zur
zurück zusammen zwei zweite zwölf geschrieben eingetragen vermerkt hinterlegt bekannt kompliziert schwierig ungewöhnlich polnisch französisch italienisch spanisch unvollständig vertauscht verloren geändert angekommen geboren geborene ärgerlich unverschämt alleinreisend diabetiker isch ha dort drüben mama papa vater mutter bruder schwester kollege kollegin mann kinder kind buchstabiere buchstabiert alles wunderbar

écrit orthographié inscrit enregistré connu compliqué difficile changé erroné incomplet manquant étranger mécontent arrivée abord né née nés absolument ai ailleurs ainsi allé aller allergique allô alors an ans après arrivé arrive as assez au aucun aujourd aussi autre aux avais avait avant avec avez avoir avons bar beaucoup besoin bien bientôt bon bonjour bonne bonsoir bord
carte ce ceci cela celle celui ces cet cette chambre chambres chaque chez ci cinq client combien comme comment complet compris confirmer contente content d dans de déjà demain demande depuis dernier derrière des désolé deux devant devrais dix
dois doit donc dont du elle elles en enceinte encore enfin ensuite entendu est et étage étais était être eu eux exact exactement facile fait famille femme fils fille fois fort froid gratuit gros heure heures hier hôtel huit ici il ils
inadmissible instant j jamais je jour jours juste l la là le les leur lit loin long lui m ma madame maintenant mais mal malade mari marié matin me même merci mes midi moi moins mon monsieur n ne neuf ni noir nom non nos notre nous
nuit nuits numéro on onze ou où oui par parce parfait pas pendant personne personnes petit peu peut peux plus plutôt possible pour pourquoi pouvez prénom premier prends près presque prêt puis qu quand quatre que quel quelle quelqu quelque qui quoi
réservation restaurant rien s sa sais sans sept ses seul seule seulement si six soir sont sous souvent suis sur table tant tard te téléphone tellement toujours tous tout toute toutes très trois trop tu un une urgent va vais vers veux
veuve vingt voilà voir vos votre voudrais vous vrai vraiment y zéro épeler appelle appelez maman papa frère sœur collègue patron parfait ascenseur important celui-ci ça quoi super désolée occupé perdu dommage

escrito equivocado registrado apuntado complicado difícil fácil cambiado incompleto conocido extranjero enfadado a nacido nacida nací abajo ahí ahora al algo alguien allí alérgica alérgico alto ambos ante antes año años aquí arriba así aunque ayer bajo baño bastante bien bueno buena buenas buenos cada cama casa casado casi celíaco celíaca cena cerca cinco claro cliente como cómo
completo con conmigo correcto correo cosa cual cuál cualquier cuando cuánto cuarto cuatro da de debo decir dejar del dentro desde después detrás día días diez digo dijo dirección donde dónde dos durante e el él ella ellos embarazada en entonces entre
era eran es esa esas ese eso esos esta está estaba están estamos estar estas este esto estos estoy euros exacto facil fuera fue fui gracias gran grande grupo ha haber había habitación habitaciones habla hace hacer hacia han hasta hay he hemos hija hijo
hola hora horas hotel hoy igual imposible incluso ir joven jueves la las le lejos les libre llama llamado llamar llamo llega llegada llego lo los luego lugar lunes más madre mal mañana marido mas me mejor menos mes mesa mi mí mía mientras mío mis mismo
momento mucho muchos muy nada nadie ni niña niño ningún no noche noches nombre nos nosotros nuestra nuestro nueva nuevo nueve número nunca o ocho otra otro padre para parece parte pero persona personas piso poco poder por porque posible primer primera
primero problema pronto pues puede puedo qué que quería quien quién quiero quisiera recepción reserva reservado restaurante ridículo saber se sé sea segunda segundo seguro seis señor señora ser será si sí siempre siete sin sobre sola solo sólo son soy su
sus también tan tanto tarde tarjeta te teléfono tengo tercera tiene tienen toda todas todavía todo todos trabajo tres tu tú un una uno unos urgente usted va vale vamos vegano vegetariano vez viene vivo vosotros voy y ya yo cliente alguno increíble perfecto estupendo hermano hermana jefe apellido correcta deletreo

scritto scritta registrato registrata complicato difficile facile cambiato incompleto conosciuto straniero arrabbiato abbiamo nato nata nati abito adesso agli ai al alla alle allergica allergico allo allora alto altra altro anche ancora andare anni anno appena appunto arriva arrivo aspetta assolutamente bagno basta bella bello bene benissimo breve buona buonasera buongiorno buono c camera camere capito
cara caro casa celiaco celiaca cena certo che chi chiama chiamo chiamato ci cinque cioè circa cliente cognome col colazione come con conferma contento corretto cosa così cui da dai dal dalla dalle davanti davvero deve devo di dice dieci dietro diverso domani dopo
dove due dunque e è ecco ed entrambi era ero esatto essere euro fa faccio famiglia fare fatto figlia figlio fino forse fra fratello fuori gentile già giorni giorno giusto gli grande grazie gruppo guardi ha hai hanno ho hotel i ieri il impossibile in incinta indirizzo
infatti insieme invece io italiano la là le lei letto li lì libera libero lo loro lui lunedì ma macchina madre magari mai male mamma marito mattina me meglio meno mentre mese mezzo mi mia mie miei mio moglie molto momento nei nel nella nessuno niente no noi nome non nostra nostro notte
notti nove numero nuova nuovo o occupato oggi ogni opposto ora ore orario ormai otto padre parla parlo parte pensione per perché perfetto però persona persone piano piccola piccolo più piuttosto po poco poi possibile posso potete potrei prego prenotato prenotazione presso presto
prima primo problema pronta pronto proprio può pure qua qual quale qualcosa qualcuno quando quanto quasi quattro quel quella quello questa questi questo qui quindi ridicolo ristorante sa sbagliato scusi se sei sembra sempre senta senza sera serve sette si sì sicura sicuro sia sola solo sono
sopra sorella sotto sta stanno stanza stata stato stavo stesso su sua subito sul sulla suo suoi tanto tardi te telefono tempo terzo tra tre troppo tu tua tutta tutti tutto un una uno urgente va vado vecchio vegano vegetariana vegetariano venerdì vengo verso via vicino viene voi volevo volta vorrei vostra vostro
zero perfetta dispiaciuto disperata collega capo incredibile

gespeld geschreven ingeschreven bekend moeilijk makkelijk veranderd onvolledig buitenlands aangekomen aan achter achternaam af al alleen allemaal allergisch alles als altijd ander anders april avond bed bedankt begane bel beetje bellen ben bent beter bezig bij bijna bijvoorbeeld blij boeking boven broer buiten collega d daar daarom dag dan dank dat de derde deze dicht die dinsdag dit
doe doen dochter door drie druk dus echt een eén één eens eer eerst eerste eigenlijk elf elke en enige er ergens erg even fijn fout gaan gaat gast gasten gebeld geboekt geen geheel geleden geluk gemaakt genoeg gereserveerd geweest gewoon gezegd ging goed goede goedemiddag goedemorgen goedenavond goeie graag groep
groot haar hallo had half hangt hartstikke heb hebben hebt heeft heel heet helaas helemaal hem hen het hetzelfde hier hij hoe hoeveel hoog hotel hun iemand iets ik in incheckt inderdaad is ja jaar jammer je jij jong jou jouw kaart kamer kamers kan kapot keer kind kinderen klaar klein klopt kom komen komt kon krijg kunnen kunt
kwijt laat laag lang lange langs later leuk liever links los maal maar man maandag me meer meest met meteen mezelf mij mijn misschien mobiel moeder moet moeten mogelijk mogen morgen mooi na naam naar naast nacht nachten namens natuurlijk nee negen net niemand niet niets nieuw niks nodig nog nooit nou nu nul nummer
of ofzo om onder ongeveer onmogelijk ons onze ook oom op open opnieuw orde oud over paar parkeren pas per persoon personen plaats precies prima receptie rechts reservering restaurant rond samen schandalig sinds slecht snel sommige soms spel spelen spreek spreekt staan staat straks ta tafel te tegen tekort telefoon ten terug tien tijd toch toe toen tot totaal
trein twaalf twee tweede u uit uur uw vaak vader van vanaf vanavond vandaag vanmorgen vannacht vanuit vast veel veganist ver verdwaald verder verkeerd vegetariër vier vijf voel vol volgend volgende voor vooral voornaam vorig vraag vriend vriendelijk vroeg vrouw waar waarom wacht wachten wanneer want was wat we weer week weg weken wel welk welke wie wij wil wilde
willen word wordt wou zaken zal ze zeer zeg zei zeker zelf zes zeven zich zij zijn zit zo zo'n zoals zoek zoon zou zus zwanger klopt ontbijt zakelijk hartelijk

źle zapisane błędne wpisane trudne proste znane polskie zmienione obce niepełne zapisany a urodzony urodzona urodziłem urodziłam aby ach ale albo bardzo bez bo brat był była było będę będzie będziemy by całkiem całe chce chcę chciałabym chciałbym chodzi chyba ciąży cię co coś córka czasem czekam czemu cztery czternaście czy dalej daleko dam dla dlaczego do dobra dobre dobry dobrze dom dopiero dość drugi drugie dwa dwie dwoje dworzec dziecko dzieci dzień
dzięki dzisiaj dziś dziewięć dziesięć dzwonię dzwoniłam dzwoniłem gdy gdzie godzinie godzina gość gotowa gotowy grupa halo hotel hotelu i ich ile im imię inny ja jak jaka jaki jakie jako je jeden jedna jedno jego jej jest jestem jesteśmy jeszcze jeśli już jutro każdy karta karty kiedy kilka kim klient koleżanka kolega komórka która które który
którym ktoś kto lat lecz lepiej łóżko ma mail małżonek mam mama mamy mało mąż męża mi mieć miejsce miesiąc między mi mnie mną moim moja moje mojego mojej może można mogę mój mówi mówię mówił mówiła mu my na nad najpierw nam nami nas nasz nasza nawet nazwa nazwisko nazwisku nazywa nazywam nic nich nie niestety niech nigdy nim noc noce nocleg nocy
no nowy numer o obok od odbiór ojciec okej on ona oni ono oraz osiem osoba osoby osób ostatni oto pan pana pani panu państwo parking pewnie pewno piątek piątego pięć pierwszy piętro po pod podróży pokoju pokój pokoje pomoc poniedziałek ponieważ poproszę potem powiedzieć powtarzam późno późniejszy przed przede przez przy przyjadę przyjedzie pytanie raczej raz razem
recepcja recepcji restauracja rezerwacja rezerwację rezerwacji rodzina rok rozmawia rozmawiam sam sama są się sierpnia siedem siostra skąd skoro słucham sobie sobota soboty spóźniona sprawa sprawie spokojnie stolik strony sto stąd syn szef sześć szkoda ślicznie środa śniadanie świetnie ta tak taka taki tam tata te tego tej telefon telefonu ten teraz też to tobie tu
tutaj tydzień tygodniu tylko tym tymczasem u umówiona w wam was wcześniej wczoraj we wesele więc więcej wie wiem wieczór wieczorem wolny wolne wolę wszystko wszyscy wtedy wtorek wy wychodzi za zapłaci zaraz zarezerwowałam zawsze ze zgadza zł złoty znowu znów zostać zostaje został żeby żona żony żaden dzwonić zadzwonić pilne proszę prosze niemożliwe skandal wegetarianką cukrzycę ciężarna

portuguese chinese japanese russian ukrainian swedish norwegian danish finnish greek turkish indian canadian australian brazilian czech hungarian romanian croatian korean
monday tuesday wednesday thursday friday saturday sunday january february march april june july august september october november december british english scottish irish welsh american german french spanish italian dutch polish swiss austrian belgian european london paris berlin
montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz mai juni juli oktober dezember deutscher deutsche österreicher schweizer stammgast vegetarier vegetarierin
lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril juin juillet août septembre octobre novembre décembre français française belge suisse allemand végétarien végétarienne
martes miércoles viernes sábado domingo enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre español española alemán francés madrid barcelona
lunedì martedì mercoledì giovedì sabato domenica gennaio febbraio aprile maggio giugno luglio settembre ottobre italiana tedesco francese svizzero roma milano
woensdag donderdag vrijdag zaterdag zondag januari februari maart mei augustus nederlands nederlander belg duits amsterdam
czwartek niedziela styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień polak polka warszawa kraków
english british irish scottish welsh american canadian australian german austrian swiss french spanish italian dutch belgian polish portuguese danish swedish norwegian finnish greek turkish russian ukrainian czech hungarian indian chinese japanese european
deutsch deutscher deutsche deutschen engländer engländerin brite britin ire irin schotte amerikaner amerikanerin franzose französin spanier spanierin italiener italienerin holländer holländerin niederländer niederländerin belgier belgierin pole polin schweizer schweizerin österreicher österreicherin türke türkin russe russin ukrainer ukrainerin däne dänin schwede schwedin norweger europäer europäerin ausländer
anglais anglaise allemand allemande français française espagnol espagnole italienne néerlandais néerlandaise belge polonais polonaise suisse autrichien autrichienne américain américaine portugais
inglés inglesa alemán alemana francés francesa español española holandés holandesa belga polaco polaca suizo suiza austriaco austriaca americano americana portugués portuguesa
inglese tedesco tedesca francese spagnolo spagnola olandese polacco polacca svizzero svizzera austriaco austriaca americana portoghese
engels engelse engelsman duits duitse duitser frans franse fransman spaans spaanse spanjaard italiaans italiaanse italiaan nederlands nederlandse nederlander belg belgische pools poolse pool zwitser oostenrijker amerikaan
anglik angielka angielką anglikiem niemiec niemka niemką niemcem francuz francuzka francuzką hiszpan hiszpanka włoch włoszka włoszką holender polak polka polką polakiem belg austriak ukrainiec ukrainka ukrainką
empfang rezeption portier concierge zimmerservice buchhaltung küche hausdame verwaltung einkauf verkauf apparat société entreprise agence accueil standard empresa agencia sociedad compañía società azienda ditta agenzia portineria firma bedrijf agency firmy spółka agencja recepcję housekeeping breakfast management staff team maintenance security manager director
visa mastercard amex paypal maestro expedia airbnb christmas easter weihnachten ostern noël pâques navidad natale pasqua kerst pasen thalys eurostar tgv ice flixbus ryanair lufthansa uber taxi tram metro internet wifi
`

// fillers are said before a name, and no part of it.
const fillers = `there yes yeah yep um uh erm er ah oh well so hi hello hey okay ok sure right sorry it's its s good morning afternoon evening hiya morning's howdy greetings
ja jo äh ähm öh hm hallo guten tag also genau gerne klar moin servus grüezi grüß grüss gott abend tach hey naja
oui euh ben alors bonjour allô voilà bah bonsoir salut rebonjour
sí si eh pues bueno hola vale buenas buenos tardes días noches mire oiga verá dígame
sì ecco allora pronto ehm buongiorno buonasera salve ciao guardi senta buonpomeriggio
eh nou hoi dag goedemiddag hè goedemorgen goedenavond goedenmiddag goeiemorgen goeiemiddag goeieavond kijk
tak no halo eee yyy dzień dobry wieczór cześć witam witaj`

// titles stand before a name and are none.
const titles = `mr mrs ms miss mister missus sir dr doctor prof professor madam reverend rev
herr herrn frau dr doktor fräulein magister
monsieur madame mademoiselle mme mlle mr maître docteur
señor señora señorita sr sra srta don doña doctor doctora ingeniero licenciado licenciada
signor signora signore signorina sig sigra dottor dottore dottoressa dott ingegner ingegnere ing avvocato avv architetto geometra ragionier professore professoressa
meneer mevrouw mijnheer mevr mw dhr juffrouw heer
pan pani pana panu panem panią państwo państwa doktor mecenas inżynier magister`

// particles stand within a name, in lower case.
const particles = `van von de der den del della di da do dos das du des la le les zu zum zur ter ten te el al bin ibn af av dalla dello degli y e i 't in of o' mac mc st saint san ben ould lo ap ferch abu ibnu bint degl tho op`

// streets tell that a word beside is a place's name.
const streets = `street road avenue lane square park station airport hotel hostel bridge hall museum church cathedral castle suite spa bar restaurant café cafe beach
straße strasse platz allee weg bahnhof flughafen schloss museum kirche dom saal
rue boulevard place gare aéroport château musée église
calle plaza paseo avenida estación aeropuerto catedral
via piazza corso viale stazione duomo
straat laan plein gracht weg kade luchthaven
ulica ulicy plac aleja dworzec lotnisko stacja
saint st san santa santo sankt sint święty königin king queen könig roi rey`

// givenNames are first names: common ones of the seven languages' countries,
// and of those that their guests come from.
const givenNames = `
james john robert michael david william richard joseph thomas charles christopher daniel matthew anthony steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan jacob gary nicholas eric jonathan stephen
larry justin scott brandon benjamin samuel gregory frank alexander raymond patrick jack dennis jerry tyler aaron henry adam nathan douglas zachary peter kyle walter ethan jeremy harold keith christian roger noah gerald terry sean arthur oliver harry oscar callum liam
mary patricia jennifer linda elizabeth barbara susan jessica sarah karen nancy lisa betty margaret sandra ashley kimberly emily donna michelle carol amanda dorothy melissa deborah stephanie rebecca sharon laura cynthia kathleen amy angela shirley anna brenda pamela emma nicole helen
samantha katherine christine debra rachel catherine carolyn janet ruth maria heather diane virginia julie joyce victoria olivia kelly christina lauren joan evelyn judith megan cheryl andrea hannah martha jacqueline frances gloria ann teresa kathryn sara janice jean alice madison doris abigail
julia judy grace denise amber marilyn beverly danielle theresa sophia diana brittany natalie isabella charlotte rose alexis kayla fiona siobhan niamh aoife eoin ciaran declan rory angus ewan hamish isla moira graham nigel clive trevor gareth rhys owen dylan gwendolyn beatrix tobias priya raj amit sunita anjali rahul vikram
mohammed muhammad ahmed ali omar fatima aisha hassan hussein khalid yusuf ibrahim leila layla zainab mustafa mehmet ayşe emre elif murat can deniz ifeoma chidi ngozi kwame kofi amara tunde yaw femi wei ming li mei hiroshi yuki kenji sakura
hans peter wolfgang klaus jürgen dieter manfred uwe günter günther werner horst bernd karl heinz helmut gerhard rolf andreas stefan stephan markus martin matthias thorsten torsten sven jens jan lars lukas felix maximilian moritz niklas tim florian sebastian philipp dominik fabian tobias detlef holger ralf rainer
norbert axel volker joachim rüdiger hartmut egon otto friedrich wilhelm ludwig johann johannes jakob leon paul elias finn jonas luis emil anton thaddäus
ursula monika renate helga karin brigitte ingrid erika gisela christa petra sabine susanne claudia birgit heike gabriele martina andrea angelika silke anja katja tanja nicole stefanie kathrin katrin sandra melanie julia lena leonie lea marie sophie johanna hannah mia ulrike annette cornelia elke ute anneliese hannelore
wiebke heidi ilse hildegard gertrud regula ursina beat urs reto bernadette franziska theresa veronika elfriede waltraud antje kerstin dagmar bettina doris jutta marlene frieda greta ida klara clara charlotte emilia
jean pierre michel andré philippe rené louis alain jacques bernard marcel daniel roger robert claude christian françois georges gérard patrick henri nicolas laurent stéphane sébastien christophe julien olivier thierry pascal frédéric vincent éric didier bruno antoine guillaume mathieu maxime alexandre thibault gaspard étienne yann gilles lucas hugo théo baptiste
marie monique françoise isabelle nathalie sylvie catherine jacqueline anne martine jeanne nicole christine valérie sandrine stéphanie céline véronique brigitte sophie hélène aurélie émilie camille léa manon chloé pauline mathilde claire lucie odile solène zoé élodie laetitia audrey juliette margaux inès agathe éloïse geneviève simone colette yvette denise
antonio josé manuel francisco juan javier miguel ángel carlos jesús david pedro rafael fernando luis alberto jorge alejandro sergio pablo diego andrés ramón enrique vicente joaquín ignacio iñaki álvaro raúl rubén iván óscar fermín octavio bartolomé gonzalo santiago mateo tomás jaime xavier jordi marc pau joan pere
carmen maría josefa isabel dolores pilar teresa ana cristina mercedes rosario elena lucía raquel rocío nuria begoña ximena consuelo guadalupe amparo montserrat inmaculada concepción silvia beatriz marta paula sofía alba irene noelia verónica esther yolanda susana patricia leticia natalia ainhoa itziar
giuseppe giovanni antonio mario luigi francesco angelo vincenzo pietro salvatore carlo franco domenico bruno paolo michele giorgio aldo sergio luciano marco alessandro andrea stefano roberto fabio gianfranco gianluca gianni matteo lorenzo davide simone federico riccardo emanuele niccolò nicolò ivo egidio remo oscar enzo ettore claudio massimo maurizio filippo tommaso giacomo leonardo
anna maria giuseppina rosa angela giovanna teresa lucia carmela caterina francesca antonietta elena chiara sara silvia paola laura valentina alessia federica giulia martina elisa ilaria ludovica ermenegilda fiorenza dorothea ines raffaella simona daniela barbara cristina monica patrizia stefania roberta manuela gabriella donatella serena beatrice ginevra aurora alice
jan johannes cornelis hendrik pieter willem gerrit jacobus petrus dirk wouter koen koenraad jeroen sjoerd bas bram daan sem thijs sander maarten joost ruben stijn niels rik tom luuk jelle wim kees henk piet arie bart erik marcel
johanna cornelia hendrika anneke annemiek annelies marijke ineke wilma ellen els ria liesbeth hanneke mieke marieke joke femke sanne lotte fleur anouk iris eva noor fenna roos saskia esther mirjam monique jolanda joëlle zoë griet lieve katrien fatima
piotr krzysztof andrzej tomasz paweł jan michał marcin stanisław jakub adam łukasz marek grzegorz mateusz wojciech mariusz dariusz zbigniew jerzy maciej rafał robert józef jacek janusz tadeusz ryszard kamil bartosz artur sławomir ireneusz mirosław wiesław przemysław szymon filip dawid
anna maria katarzyna małgorzata agnieszka krystyna barbara ewa elżbieta zofia teresa magdalena joanna janina monika danuta jadwiga aleksandra halina irena beata dorota jolanta grażyna bożena bogusława żaneta wanda iwona urszula renata marta natalia karolina justyna paulina sylwia weronika zuzanna oliwia julia
ivan dmitri sergei olga natasha tatiana svetlana yelena irina vladimir boris nikolai alexei mikhail oleksandr oksana andrii ihor svitlana
lars erik anders johan karin ingrid astrid sven bjørn björn magnus nils ole kari liv sigrid håkon torsten mikko juhani matti pekka aino jari
joão antónio manuel rui paulo tiago luís pedro ana inês catarina beatriz joaquim joaquín duarte gonçalo miguel sofia margarida
istván lászló jános zoltán katalin erzsébet ferenc gábor andrás jiří petr pavel tomáš jana hana lenka martina zuzana marko ivana ana luka nikola petar dimitris giorgos yannis eleni maria kostas ion andrei mihai elena ioana cristina
siobhán seán máire áine pádraig aoibheann rosalind victor margaret gwen nina lara mila ella chloe zoe megan ines tamara vera`

// letterWords are how letters are said.
const letterWords = `
alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar papa quebec romeo sierra tango uniform victor whiskey whisky xray yankee zulu
anton berta cäsar dora emil friedrich gustav heinrich ida julius kaufmann konrad ludwig martha nordpol otto paula quelle richard samuel siegfried schule theodor ulrich viktor wilhelm xanthippe ypsilon zacharias zeppelin ärger übermut ökonom eszett
ti bi ci pi vi gi ij be bé ce cé dé ef efe effe ele elle eme emme ene enne eñe er erre ese esse equis ge gé ha hache acca hasch i jota jot ka kappa ku cu erre te té uve vu ve vé vau we doble zet zeta zed zee iks igrek ygrek pe pé ix ygrec eks es en em el aitch
double triple doppel doppelt doppia doppio doble dubbele dubbel podwójne podwójna deux dos umlaut
ancona bari bologna como domodossola empoli firenze genova imola livorno milano napoli otranto palermo roma savona torino udine venezia zara`
