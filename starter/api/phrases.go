package api

import "github.com/voicehive/voicehive/starter"

// A phrase is one sentence in the order of languages: English, German, French,
// Spanish, Italian, Dutch, Polish.
type phrase [7]string

var (
	phraseTrouble = phrase{
		"I'm sorry, something went wrong on our side and I can't do that right now.",
		"Es tut mir leid, bei uns ist etwas schiefgegangen, und ich kann das gerade nicht erledigen.",
		"Je suis désolé, un problème est survenu de notre côté et je ne peux pas le faire pour le moment.",
		"Lo siento, ha habido un problema por nuestra parte y ahora mismo no puedo hacerlo.",
		"Mi dispiace, c'è stato un problema da parte nostra e al momento non posso farlo.",
		"Het spijt me, er ging bij ons iets mis en ik kan dat nu niet doen.",
		"Przepraszam, po naszej stronie wystąpił problem i w tej chwili nie mogę tego zrobić.",
	}
	phraseLater = phrase{
		"I'm sorry, I can't do that just now. Please try again in a moment.",
		"Es tut mir leid, das geht im Moment nicht. Bitte versuchen Sie es gleich noch einmal.",
		"Je suis désolé, ce n'est pas possible pour l'instant. Veuillez réessayer dans un moment.",
		"Lo siento, en este momento no es posible. Por favor, inténtelo de nuevo dentro de un momento.",
		"Mi dispiace, in questo momento non è possibile. La prego di riprovare tra poco.",
		"Het spijt me, dat lukt nu even niet. Probeert u het zo nog eens.",
		"Przepraszam, w tej chwili to niemożliwe. Proszę spróbować za chwilę.",
	}
	phraseHotelLater = phrase{
		"I'm sorry, I can't reach the hotel's booking system right now. Please try again in a moment.",
		"Es tut mir leid, ich erreiche das Buchungssystem des Hotels gerade nicht. Bitte versuchen Sie es gleich noch einmal.",
		"Je suis désolé, le système de réservation de l'hôtel ne répond pas pour le moment. Veuillez réessayer dans un instant.",
		"Lo siento, ahora mismo no puedo acceder al sistema de reservas del hotel. Por favor, inténtelo de nuevo en un momento.",
		"Mi dispiace, in questo momento il sistema di prenotazione dell'hotel non risponde. La prego di riprovare tra poco.",
		"Het spijt me, ik kan het boekingssysteem van het hotel nu niet bereiken. Probeert u het zo nog eens.",
		"Przepraszam, system rezerwacji hotelu w tej chwili nie odpowiada. Proszę spróbować za chwilę.",
	}
	phraseMaintenance = phrase{
		"I'm sorry, the hotel's booking system is being serviced, so I can't look anything up right now. Please call again later.",
		"Es tut mir leid, das Buchungssystem des Hotels wird gerade gewartet, ich kann nichts nachsehen. Bitte rufen Sie später wieder an.",
		"Je suis désolé, le système de l'hôtel est en maintenance et je ne peux rien consulter. Veuillez rappeler plus tard.",
		"Lo siento, el sistema de reservas del hotel está en mantenimiento y no puedo consultar nada. Por favor, llame más tarde.",
		"Mi dispiace, il sistema dell'hotel è in manutenzione e non posso consultare nulla. La prego di richiamare più tardi.",
		"Het spijt me, aan het boekingssysteem van het hotel wordt gewerkt; ik kan nu niets opzoeken. Belt u later nog eens.",
		"Przepraszam, trwają prace przy systemie rezerwacji hotelu i nie mogę nic sprawdzić. Proszę zadzwonić później.",
	}
	// phraseDegraded goes with an answer that a system in trouble gave.
	phraseDegraded = phrase{
		"The hotel's booking system is having trouble at the moment, so this may take a little longer.",
		"Das Buchungssystem des Hotels hat gerade Schwierigkeiten, es kann etwas länger dauern.",
		"Le système de réservation de l'hôtel rencontre des difficultés, cela peut prendre un peu plus de temps.",
		"El sistema de reservas del hotel tiene problemas en este momento; puede tardar un poco más.",
		"Il sistema di prenotazione dell'hotel ha dei problemi al momento; potrebbe volerci un po' di più.",
		"Het boekingssysteem van het hotel heeft op dit moment problemen, het kan iets langer duren.",
		"System rezerwacji hotelu ma w tej chwili problemy, może to potrwać trochę dłużej.",
	}
	// phrasePending promises no more than is true: the wish is safe, and its
	// outcome is not known.
	phrasePending = phrase{
		"I have noted your request safely, but the hotel's system has not confirmed it yet. We will keep trying.",
		"Ich habe Ihren Wunsch sicher notiert, aber das System des Hotels hat ihn noch nicht bestätigt. Wir bleiben dran.",
		"J'ai bien noté votre demande, mais le système de l'hôtel ne l'a pas encore confirmée. Nous continuons d'essayer.",
		"He anotado su solicitud, pero el sistema del hotel aún no la ha confirmado. Seguiremos intentándolo.",
		"Ho annotato la sua richiesta, ma il sistema dell'hotel non l'ha ancora confermata. Continueremo a provare.",
		"Ik heb uw verzoek goed genoteerd, maar het systeem van het hotel heeft het nog niet bevestigd. We blijven het proberen.",
		"Państwa prośba jest bezpiecznie zapisana, ale system hotelu jeszcze jej nie potwierdził. Będziemy próbować dalej.",
	}
	// phraseUnknown is for an outcome that only people can find out.
	phraseUnknown = phrase{
		"I can't tell yet whether the hotel has your booking. The hotel's staff is checking it.",
		"Ich kann noch nicht sagen, ob Ihre Buchung beim Hotel angekommen ist. Die Mitarbeiter des Hotels prüfen es.",
		"Je ne sais pas encore si l'hôtel a bien reçu votre réservation. Le personnel de l'hôtel vérifie.",
		"Aún no puedo decirle si el hotel tiene su reserva. El personal del hotel lo está comprobando.",
		"Non so ancora se l'hotel ha ricevuto la sua prenotazione. Il personale dell'hotel sta verificando.",
		"Ik weet nog niet of het hotel uw boeking heeft. De medewerkers van het hotel zoeken het uit.",
		"Nie wiem jeszcze, czy hotel otrzymał Państwa rezerwację. Personel hotelu to sprawdza.",
	}
	phraseAgain = phrase{
		"I'm sorry, I didn't get all the details. Could you tell me again, please?",
		"Entschuldigung, mir fehlen noch Angaben. Können Sie es mir bitte noch einmal sagen?",
		"Excusez-moi, il me manque des informations. Pouvez-vous répéter, s'il vous plaît ?",
		"Disculpe, me faltan algunos datos. ¿Me lo puede repetir, por favor?",
		"Mi scusi, mi mancano alcuni dati. Può ripetere, per favore?",
		"Sorry, ik mis nog enkele gegevens. Kunt u het nog een keer zeggen?",
		"Przepraszam, brakuje mi niektórych danych. Czy może to Pan lub Pani powtórzyć?",
	}
	phraseDates = phrase{
		"Those dates don't work. On which day would you like to arrive, and on which day will you leave?",
		"Diese Daten passen nicht. An welchem Tag möchten Sie anreisen, und an welchem reisen Sie ab?",
		"Ces dates ne conviennent pas. Quel jour souhaitez-vous arriver, et quel jour repartez-vous ?",
		"Esas fechas no son válidas. ¿Qué día desea llegar y qué día se marcha?",
		"Queste date non vanno bene. In quale giorno desidera arrivare e in quale riparte?",
		"Die data kloppen niet. Op welke dag wilt u aankomen en op welke dag vertrekt u?",
		"Te daty nie są możliwe. Którego dnia chcą Państwo przyjechać, a którego wyjechać?",
	}
	phrasePast = phrase{
		"That arrival date is in the past. Which date would you like?",
		"Dieses Anreisedatum liegt in der Vergangenheit. Welches Datum möchten Sie?",
		"Cette date d'arrivée est déjà passée. Quelle date souhaitez-vous ?",
		"Esa fecha de llegada ya ha pasado. ¿Qué fecha desea?",
		"Questa data di arrivo è già passata. Quale data desidera?",
		"Die aankomstdatum ligt in het verleden. Welke datum wilt u?",
		"Ta data przyjazdu już minęła. Jaka data Państwu odpowiada?",
	}
	phraseTooLong = phrase{
		"I can't book a stay that long or that far ahead. Would other dates suit you?",
		"So lange oder so weit im Voraus kann ich nicht buchen. Passen Ihnen andere Daten?",
		"Je ne peux pas réserver un séjour aussi long ou aussi lointain. D'autres dates vous conviendraient-elles ?",
		"No puedo reservar una estancia tan larga o con tanta antelación. ¿Le convienen otras fechas?",
		"Non posso prenotare un soggiorno così lungo o con tanto anticipo. Le andrebbero bene altre date?",
		"Zo lang of zo ver vooruit kan ik niet boeken. Komen andere data u uit?",
		"Nie mogę zarezerwować tak długiego ani tak odległego pobytu. Czy odpowiadają Państwu inne daty?",
	}
	phraseOccupancy = phrase{
		"How many adults will be staying, and how old are the children, if there are any?",
		"Wie viele Erwachsene reisen an, und wie alt sind die Kinder, falls welche dabei sind?",
		"Combien d'adultes séjourneront, et quel âge ont les enfants, s'il y en a ?",
		"¿Cuántos adultos se alojarán y qué edad tienen los niños, si los hay?",
		"Quanti adulti soggiorneranno e quanti anni hanno i bambini, se ci sono?",
		"Hoeveel volwassenen verblijven er, en hoe oud zijn de kinderen, als die er zijn?",
		"Ile osób dorosłych będzie nocować i w jakim wieku są dzieci, jeśli będą?",
	}
	phraseGuest = phrase{
		"I didn't get your details right. Could you tell me your name and how to reach you again?",
		"Ich habe Ihre Angaben nicht richtig verstanden. Wie war noch einmal Ihr Name, und wie erreichen wir Sie?",
		"Je n'ai pas bien compris vos coordonnées. Pouvez-vous me redonner votre nom et un moyen de vous joindre ?",
		"No he entendido bien sus datos. ¿Me repite su nombre y cómo podemos contactarle?",
		"Non ho capito bene i suoi dati. Può ripetermi il suo nome e come contattarla?",
		"Ik heb uw gegevens niet goed verstaan. Wat is uw naam en hoe kunnen we u bereiken?",
		"Nie udało mi się dobrze zapisać Państwa danych. Proszę podać jeszcze raz nazwisko i kontakt.",
	}
	phraseRoom = phrase{
		"The hotel doesn't have that kind of room. Shall I tell you what is available?",
		"Diese Art Zimmer hat das Hotel nicht. Soll ich Ihnen sagen, was frei ist?",
		"L'hôtel n'a pas ce type de chambre. Voulez-vous savoir ce qui est disponible ?",
		"El hotel no tiene ese tipo de habitación. ¿Le digo qué hay disponible?",
		"L'hotel non ha questo tipo di camera. Vuole sapere che cosa è disponibile?",
		"Dat type kamer heeft het hotel niet. Zal ik zeggen wat er vrij is?",
		"Hotel nie ma takiego rodzaju pokoju. Czy mam powiedzieć, co jest dostępne?",
	}
	phraseRate = phrase{
		"That rate isn't offered for this room. Shall I tell you the others?",
		"Diesen Tarif gibt es für das Zimmer nicht. Soll ich Ihnen die anderen nennen?",
		"Ce tarif n'est pas proposé pour cette chambre. Voulez-vous connaître les autres ?",
		"Esa tarifa no está disponible para esta habitación. ¿Le digo las demás?",
		"Questa tariffa non è prevista per la camera. Vuole sapere le altre?",
		"Dat tarief geldt niet voor deze kamer. Zal ik de andere noemen?",
		"Ta taryfa nie obowiązuje dla tego pokoju. Czy mam podać inne?",
	}
	phraseQuote = phrase{
		"That price is no longer valid. Let me look it up again for you.",
		"Dieser Preis gilt nicht mehr. Ich sehe gern noch einmal für Sie nach.",
		"Ce prix n'est plus valable. Je vérifie à nouveau pour vous.",
		"Ese precio ya no es válido. Permítame comprobarlo de nuevo.",
		"Questo prezzo non è più valido. Controllo di nuovo per lei.",
		"Die prijs geldt niet meer. Ik kijk het nog eens voor u na.",
		"Ta cena nie jest już aktualna. Sprawdzę ją dla Państwa ponownie.",
	}
	phraseNotFound = phrase{
		"I can't find that booking. Could you check the number and the name?",
		"Ich finde diese Buchung nicht. Können Sie die Nummer und den Namen noch einmal prüfen?",
		"Je ne trouve pas cette réservation. Pouvez-vous vérifier le numéro et le nom ?",
		"No encuentro esa reserva. ¿Puede comprobar el número y el nombre?",
		"Non trovo questa prenotazione. Può controllare il numero e il nome?",
		"Ik kan die boeking niet vinden. Kunt u het nummer en de naam controleren?",
		"Nie mogę znaleźć tej rezerwacji. Proszę sprawdzić numer i nazwisko.",
	}
	phraseNotChangeable = phrase{
		"I'm sorry, this booking can't be changed as it stands.",
		"Es tut mir leid, diese Buchung lässt sich so nicht ändern.",
		"Je suis désolé, cette réservation ne peut pas être modifiée en l'état.",
		"Lo siento, esta reserva no se puede modificar tal como está.",
		"Mi dispiace, questa prenotazione non può essere modificata così com'è.",
		"Het spijt me, deze boeking kan zo niet worden gewijzigd.",
		"Przepraszam, tej rezerwacji nie można w obecnym stanie zmienić.",
	}
	phraseCancelled = phrase{
		"This booking is already cancelled.",
		"Diese Buchung ist bereits storniert.",
		"Cette réservation est déjà annulée.",
		"Esta reserva ya está cancelada.",
		"Questa prenotazione è già stata cancellata.",
		"Deze boeking is al geannuleerd.",
		"Ta rezerwacja jest już anulowana.",
	}
	phraseChanged = phrase{
		"The hotel has changed this booking in the meantime. Let me look at it again.",
		"Das Hotel hat diese Buchung inzwischen geändert. Ich sehe sie mir noch einmal an.",
		"L'hôtel a modifié cette réservation entre-temps. Je la vérifie à nouveau.",
		"El hotel ha modificado esta reserva entretanto. Permítame revisarla de nuevo.",
		"Nel frattempo l'hotel ha modificato questa prenotazione. La controllo di nuovo.",
		"Het hotel heeft deze boeking intussen gewijzigd. Ik kijk er nog eens naar.",
		"Hotel w międzyczasie zmienił tę rezerwację. Sprawdzę ją ponownie.",
	}
	phraseSoldOut = phrase{
		"I'm sorry, that room is no longer available.",
		"Es tut mir leid, dieses Zimmer ist nicht mehr frei.",
		"Je suis désolé, cette chambre n'est plus disponible.",
		"Lo siento, esa habitación ya no está disponible.",
		"Mi dispiace, questa camera non è più disponibile.",
		"Het spijt me, die kamer is niet meer beschikbaar.",
		"Przepraszam, ten pokój nie jest już dostępny.",
	}
	// phraseAlternative goes on after phraseSoldOut.
	phraseAlternative = phrase{
		"I could offer you this instead: {room}, for {total} in total.",
		"Ich könnte Ihnen stattdessen Folgendes anbieten: {room}, für insgesamt {total}.",
		"Je peux vous proposer à la place : {room}, pour {total} au total.",
		"En su lugar puedo ofrecerle: {room}, por {total} en total.",
		"In alternativa posso proporle: {room}, per {total} in totale.",
		"In plaats daarvan kan ik u aanbieden: {room}, voor {total} in totaal.",
		"Zamiast tego mogę zaproponować: {room}, łącznie za {total}.",
	}
	phraseRefused = phrase{
		"I'm sorry, the hotel can't accept this booking as it is.",
		"Es tut mir leid, das Hotel kann diese Buchung so nicht annehmen.",
		"Je suis désolé, l'hôtel ne peut pas accepter cette réservation telle quelle.",
		"Lo siento, el hotel no puede aceptar esta reserva tal como está.",
		"Mi dispiace, l'hotel non può accettare questa prenotazione così com'è.",
		"Het spijt me, het hotel kan deze boeking zo niet aannemen.",
		"Przepraszam, hotel nie może przyjąć tej rezerwacji w tej formie.",
	}
	phraseUnsupported = phrase{
		"I'm sorry, I can't do that for this hotel. The hotel's staff can help you with it.",
		"Es tut mir leid, das kann ich für dieses Hotel nicht tun. Die Mitarbeiter des Hotels helfen Ihnen gern weiter.",
		"Je suis désolé, je ne peux pas le faire pour cet hôtel. Le personnel de l'hôtel pourra vous aider.",
		"Lo siento, no puedo hacerlo para este hotel. El personal del hotel podrá ayudarle.",
		"Mi dispiace, non posso farlo per questo hotel. Il personale dell'hotel potrà aiutarla.",
		"Het spijt me, dat kan ik voor dit hotel niet doen. De medewerkers van het hotel helpen u graag.",
		"Przepraszam, nie mogę tego zrobić dla tego hotelu. Pomoże Państwu personel hotelu.",
	}
)

// phraseOf chooses the phrase for a kind of problem. What only a programmer or
// an operator can mend is one and the same to a caller: trouble on our side.
func phraseOf(code string) phrase {
	switch code {
	case starter.InvalidRequest.Code:
		return phraseAgain
	case starter.ImpossibleDates.Code:
		return phraseDates
	case starter.PastArrival.Code:
		return phrasePast
	case starter.StayTooLong.Code:
		return phraseTooLong
	case starter.InvalidOccupancy.Code:
		return phraseOccupancy
	case starter.InvalidGuest.Code:
		return phraseGuest
	case starter.UnknownRoom.Code:
		return phraseRoom
	case starter.UnknownRate.Code:
		return phraseRate
	case starter.UnknownQuote.Code, starter.QuoteExpired.Code, starter.QuoteUsed.Code, starter.QuoteMismatch.Code:
		return phraseQuote
	case starter.UnknownReservation.Code:
		return phraseNotFound
	case starter.NotChangeable.Code, starter.GuestRestricted.Code:
		return phraseNotChangeable
	case starter.AlreadyCancelled.Code:
		return phraseCancelled
	case starter.ChangedMeanwhile.Code:
		return phraseChanged
	case starter.SoldOut.Code:
		return phraseSoldOut
	case starter.RefusedByHotel.Code:
		return phraseRefused
	case starter.Unsupported.Code:
		return phraseUnsupported
	case starter.HotelUnavailable.Code:
		return phraseHotelLater
	case starter.HotelMaintenance.Code:
		return phraseMaintenance
	case starter.Unavailable.Code, starter.TooMany.Code:
		return phraseLater
	}
	return phraseTrouble
}
