package pii

import "strings"

// A remark is a word about somebody's health, with what belongs to it behind.
type remark struct {
	first string
	rest  []string
	// open tells that what it is to follows: "allergic to peanuts".
	open bool
}

// healthWords are remarks that stand alone, and openWords those that name
// something behind a preposition.
const healthWords = `wheelchair|diabetic|diabetes|insulin|pregnant|epileptic|epilepsy|asthma|asthmatic|coeliac|celiac|dialysis|chemotherapy|cancer|dementia|parkinson's|alzheimer's|hiv|pacemaker|disabled|disability|crutches|oxygen tank|blind|deaf|autistic|autism|heart condition|heart attack|multiple sclerosis|anaphylaxis|depression|hard of hearing|visually impaired|wheelchair user
rollstuhl|rollstuhlfahrer|rollstuhlfahrerin|schwanger|diabetiker|diabetikerin|diabetes|insulin|zöliakie|epilepsie|asthma|dialyse|chemotherapie|krebs|demenz|herzschrittmacher|schwerbehindert|behindert|nussallergie|erdnussallergie|glutenunverträglichkeit|laktoseintoleranz|laktoseintolerant|blind|gehörlos|autistisch|herzkrank|krücken|zuckerkrank|multiple sklerose|hausstauballergie|pollenallergie|rollator|herzinfarkt
fauteuil roulant|enceinte|diabétique|diabète|insuline|épileptique|épilepsie|asthmatique|asthme|cœliaque|coeliaque|dialyse|chimiothérapie|cancer|handicapé|handicapée|malentendant|malvoyant|sourd|sourde|aveugle|autiste|cardiaque|béquilles|sclérose en plaques|pacemaker
silla de ruedas|embarazada|diabético|diabética|diabetes|insulina|epiléptico|epiléptica|epilepsia|asma|asmático|asmática|celíaco|celíaca|celiaco|celiaca|diálisis|quimioterapia|cáncer|discapacidad|discapacitado|discapacitada|ciego|ciega|sordo|sorda|autista|marcapasos|muletas|alzhéimer|párkinson
sedia a rotelle|carrozzina|incinta|diabetico|diabetica|diabete|insulina|epilettico|epilettica|epilessia|asma|asmatico|asmatica|celiaco|celiaca|celiachia|dialisi|chemioterapia|tumore|disabile|disabilità|cieco|cieca|sordo|sorda|autistico|stampelle|cardiopatico
rolstoel|zwanger|diabeet|diabetes|suikerziekte|suikerpatiënt|insuline|epilepsie|astma|coeliakie|dialyse|chemotherapie|kanker|dementie|gehandicapt|blind|doof|slechthorend|slechtziend|autistisch|autisme|krukken|hartpatiënt|notenallergie|pinda-allergie|rolstoelgebruiker
wózku inwalidzkim|wózek inwalidzki|wózka inwalidzkiego|ciąży|ciężarna|cukrzycę|cukrzyca|cukrzycą|insulinę|insulina|padaczkę|padaczka|astmę|astma|celiakię|celiakia|dializy|chemioterapia|chemioterapii|raka|niepełnosprawny|niepełnosprawna|niewidomy|niewidoma|głuchy|głucha|autyzm|kulach|rozrusznik serca`

const openWords = `allergic|allergy|intolerant|intolerance
allergisch|allergie|allergien|unverträglich
allergique|intolérant|intolérante
alérgico|alérgica|alergia|intolerante
allergico|allergica|allergia|intollerante
alergię|alergia|alergiczny|uczulony|uczulona|uczulenie`

// causes are the words between such a remark and what it is to.
var causes = nameSet(`to against gegen auf à au aux a al alla alle allo alla agli ai los las la le voor na for the of`)

func nameSet(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

func remarks() []remark {
	var all []remark
	for i, list := range [...]string{healthWords, openWords} {
		for _, phrase := range phrases(list) {
			all = append(all, remark{first: phrase[0], rest: phrase[1:], open: i == 1})
		}
	}
	return all
}

// healthAt looks for a remark that begins at token i.
func (s *scan) healthAt(i int, l *lexeme) {
	for _, r := range l.health {
		end := i + 1
		if !s.follows(end, r.rest) {
			continue
		}
		end += len(r.rest)
		start := i
		if r.open {
			end = s.causeEnd(end)
		} else {
			start = s.monthsBefore(i)
		}
		s.add(finding{
			kind: Health, start: s.tokens[start].start, end: s.tokens[end-1].end, score: 0.75,
			source: FromCue, rank: rankContext, reason: "a remark on health",
		})
		return
	}
}

// causeEnd gives where "to nuts and milk" ends behind an open remark.
func (s *scan) causeEnd(at int) int {
	end, i, named := at, at, 0
	for i < len(s.tokens) && i < at+7 && named < 3 {
		t := &s.tokens[i]
		switch l := s.detector.known.lexicon[t.fold]; {
		case t.kind != word && t.fold != "'":
			return end
		case t.fold == "'" && named > 0 && i+1 < len(s.tokens):
			i++
			end = i + 1
		case causes[t.fold], t.fold == "'":
		case named > 0 && (l == nil || l.flags&isPlain == 0) && i > end:
			return end
		case l != nil && l.flags&isPlain != 0 && named > 0:
			return end
		case l != nil && l.flags&isPlain != 0:
			return at
		case i == at:
			return at
		default:
			named++
			end = i + 1
		}
		i++
	}
	return end
}

// monthsBefore takes "seven months" before "pregnant" along.
func (s *scan) monthsBefore(i int) int {
	if i >= 2 && (s.tokens[i-1].fold == "months" || s.tokens[i-1].fold == "weeks") {
		return i - 2
	}
	return i
}
