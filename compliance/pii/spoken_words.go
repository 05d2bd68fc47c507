package pii

import "strings"

// spokenReach is how many tokens before a spoken run its words of context stand
// in: speech has more words between than writing has.
const spokenReach = 12

// spokenTopics gives the topics of the words before token at, in its sentence.
func (s *scan) spokenTopics(at int) topicSet {
	var set topicSet
	tokens := s.words()
	for i := at - 1; i >= 0 && i >= at-spokenReach; i-- {
		t := &tokens[i]
		if t.kind == punct && (t.fold == "?" || t.fold == "!") {
			break
		}
		if t.kind != word {
			continue
		}
		var buf [longestWord]byte
		plain := plainWord(buf[:0], t.fold)
		if i < at-4 {
			var far topicSet
			contextWords.of(plain, &far)
			for _, here := range [...]topic{aboutRoom, aboutFlight, aboutMoney, aboutDate} {
				far[here>>6] &^= 1 << (here & 63) // these words speak of what is beside them only
			}
			set.add(far)
			continue
		}
		contextWords.of(plain, &set)
	}
	for _, c := range s.request.Context {
		var buf [longestWord]byte
		contextWords.of(plainWord(buf[:0], c), &set)
	}
	return set
}

// nameCues lead to a spelled name. Words are without marks; one that ends in a
// star stands for its beginnings.
var nameCues = newPrefixes("name* nome nom prenom surname lastname called spell* spelt speak* heiss* heisse nachname* vorname* familienname* buchstabi* " +
	"appelle* epel* epell* nombre apellido* llam* deletre* cognom* chiam* sillab* compit* scand* naam achternaam voornaam heet spel* nazw* " +
	"imie imieni* literuj* przelit* miss mister mrs mr herr frau madame monsieur senor* signor* meneer mevrouw pan pani")

// bookingCues lead to a spelled booking code.
var bookingCues = newPrefixes("booking* reserv* confirmation* reference buchung* bestatig* vorgang* prenota* boeking* rezerw* potwierdz* " +
	"localizador* dossier")

// units stand behind numbers that are no one's own.
var units = newPrefixes("euro* eur pound* dollar* cent* percent prozent pro_cent night* naecht* nacht* nuit* noche* nott* noc noce nocy nocleg* people person* personne* " +
	"guest* gaest* gast* room* zimmer* chambre* habitac* camer* kamer* pok* oclock uhr heure* hora* ora ore uur* godzin* minut* hour* stund* " +
	"zloty* zlot* franc* frank* kilomet* meter* metr* grad degree* degre* grad* stock* floor* piso etage* adult* kind* child* enfant* year* jahr* " +
	"ans anos anni jaar lat lata points punkte* porcent* procent* percent* gramm* kilo januar* januari* february febru* fevr* march marz* mars marzo maart april* avril abril aprile " +
	"may mai mayo maggio mei june juni* juin junio giugno july juli juillet julio luglio august* aout agosto september* septembre settembre " +
	"october oktober octobre octubre ottobre november* novembre noviembre december* dezember decembre diciembre dicembre stycz* luty lutego lutym " +
	"marca kwiet* maja czerw* lipiec lipca lipcu sierp* wrzes* pazdz* listop* grud* times mal fois veces volte keer razy metros metri meter")

// linking words stand between a number and its unit.
var linking = newPrefixes("of de di van der d")

// prefixes is a set of words and of beginnings of words. Most words are in none:
// bits of their hashes tell so before a map is asked.
type prefixes struct {
	bits          [1 << 6]uint64
	whole, begins map[string]bool
}

func newPrefixes(words string) prefixes {
	p := prefixes{whole: map[string]bool{}, begins: map[string]bool{}}
	for w := range strings.FieldsSeq(words) {
		into := p.whole
		if stem, ok := strings.CutSuffix(w, "*"); ok {
			into, w = p.begins, stem
		}
		into[w] = true
		h := hashOf(w)
		p.bits[h>>26] |= 1 << (h >> 20 & 63)
	}
	return p
}

func (p *prefixes) has(word string) bool {
	var buf [longestWord]byte
	plain := plainWord(buf[:0], word)
	h := emptyHash
	for i, b := range plain {
		if h = h.with(b); p.bits[h>>26]>>(h>>20&63)&1 == 0 {
			continue
		}
		if i == len(plain)-1 && p.whole[string(plain)] || i > 0 && p.begins[string(plain[:i+1])] {
			return true
		}
	}
	return false
}

// bookingCue tells whether words before token at lead to a booking's code.
func (s *scan) bookingCue(at int) bool {
	tokens := s.words()
	for i := at - 1; i >= 0 && i >= at-spokenReach; i-- {
		if tokens[i].kind == word && bookingCues.has(tokens[i].fold) {
			return true
		}
	}
	return false
}

// nameCue tells whether words before token at lead to a spelled name.
func (s *scan) nameCue(at int) bool {
	tokens := s.words()
	for i := at - 1; i >= 0 && i >= at-spokenReach; i-- {
		if tokens[i].kind == word && nameCues.has(tokens[i].fold) {
			return true
		}
	}
	return false
}

// unitBehind tells whether token at is a unit.
func (s *scan) unitBehind(at int) bool {
	tokens := s.words()
	if at < len(tokens) && tokens[at].kind == word && linking.has(tokens[at].fold) {
		at++
	}
	if at >= len(tokens) {
		return false
	}
	if f := tokens[at].fold; f == "€" || f == "$" || f == "£" || f == "%" {
		return true
	}
	return tokens[at].kind == word && units.has(tokens[at].fold)
}
