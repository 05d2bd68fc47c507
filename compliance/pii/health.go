package pii

import (
	"slices"
	"strings"
)

// A remark is a word about somebody's health, with what belongs to it behind.
type remark struct {
	first string
	rest  []string
	// open tells that what it is to follows: "allergic to peanuts".
	open bool
}

// healthWords are remarks that stand alone, and openWords those that name
// something behind a preposition.
const healthWords = `wheelchair|diabetic|diabetes|insulin|pregnant|epileptic|epilepsy|asthma|asthmatic|coeliac|celiac|dialysis|chemotherapy|cancer|dementia|parkinson's|alzheimer's|hiv|pacemaker|disabled|disability|crutches|oxygen tank|blind|deaf|autistic|autism|heart condition|heart attack|multiple sclerosis|anaphylaxis|depression|hard of hearing|visually impaired|wheelchair user|oxygen concentrator|cpap machine|hearing aid|hearing aids|arthritis|stroke|epipen|guide dog|walking frame|kidney disease|heart disease|blood thinners|hiv positive|coeliac disease|celiac disease|knee surgery|hip surgery|heart surgery|back surgery|knee replacement|hip replacement|knee operation|hip operation|recovering from surgery|broken leg|broken ankle|slipped disc|sleep apnea|sleep apnoea|panic attacks|schizophrenia|bipolar|lupus|leukaemia|leukemia|tumour|tumor|ms patient|crohn's|crohn's disease|ibs|copd|angina|migraine|migraines|parkinson's disease|hepatitis|tuberculosis|miscarriage|stoma|colostomy|catheter|prosthetic leg|amputee|paraplegic|narcolepsy|osteoporosis|fibromyalgia|psoriasis|eczema|haemophilia|chronic pain|kidney transplant|on dialysis
rollstuhl|rollstuhlfahrer|autist|autistin|autismus|dialysepatient|dialysepatientin|krebspatient|krebspatientin|herzpatient|kein gluten|keine laktose|rollstuhlfahrerin|schwanger|diabetiker|diabetikerin|diabetes|insulin|zöliakie|epilepsie|asthma|dialyse|chemotherapie|krebs|demenz|herzschrittmacher|schwerbehindert|behindert|nussallergie|erdnussallergie|glutenunverträglichkeit|laktoseintoleranz|laktoseintolerant|blind|gehörlos|autistisch|herzkrank|krücken|zuckerkrank|multiple sklerose|hausstauballergie|pollenallergie|rollator|herzinfarkt|sauerstoffgerät|beatmungsgerät|hörgerät|hörgeräte|gehbehindert|sehbehindert|schwerhörig|schlaganfall|rheuma|arthrose|nierenkrank|blindenhund|tierhaarallergie|depressionen|depression|depressiv|hiv-positiv|hiv positiv|knieoperation|hüftoperation|herzoperation|rückenoperation|bandscheibenvorfall|migräne|querschnittsgelähmt|prothese|hepatitis|leukämie|tumor|schizophrenie|bipolar|fibromyalgie|osteoporose|gicht|schlafapnoe|morbus crohn|colitis|neurodermitis|angststörung|panikattacken|lähmung|gelähmt|fischallergie|eiallergie|parkinson|alzheimer
fauteuil roulant|autisme|trisomique|enceinte|diabétique|diabète|insuline|épileptique|épilepsie|asthmatique|asthme|cœliaque|coeliaque|dialyse|chimiothérapie|cancer|handicapé|handicapée|malentendant|malvoyant|sourd|sourde|aveugle|autiste|cardiaque|béquilles|sclérose en plaques|pacemaker|appareil auditif|appareil respiratoire|concentrateur d'oxygène|déambulateur|arthrose|avc|maladie de parkinson|maladie d'alzheimer|maladie de crohn|séropositif|séropositive|dépression|dépressif|dépressive|opération du genou|opéré du genou|opérée du genou|prothèse de hanche|hernie discale|migraine|migraines|leucémie|tumeur|infarctus|crise cardiaque|maladie cœliaque|paraplégique|tétraplégique|apnée du sommeil|chien guide|mobilité réduite|sous oxygène
silla de ruedas|autismo|sordera|ceguera|celiaquía|embarazada|diabético|diabética|diabetes|insulina|epiléptico|epiléptica|epilepsia|asma|asmático|asmática|celíaco|celíaca|celiaco|celiaca|diálisis|quimioterapia|cáncer|discapacidad|discapacitado|discapacitada|ciego|ciega|sordo|sorda|autista|marcapasos|muletas|alzhéimer|párkinson|audífono|audífonos|andador|artritis|ictus|perro guía|movilidad reducida|esclerosis múltiple|concentrador de oxígeno|infarto|seropositivo|seropositiva|depresión|operación de rodilla|operado de la rodilla|operada de la rodilla|prótesis de cadera|hernia discal|migraña|migrañas|leucemia|tumor|enfermedad celíaca|enfermedad de crohn|parapléjico|parapléjica|apnea del sueño|derrame cerebral|fibromialgia
sedia a rotelle|autismo|autistica|malattia celiaca|ipovedente|carrozzina|incinta|diabetico|diabetica|diabete|insulina|epilettico|epilettica|epilessia|asma|asmatico|asmatica|celiaco|celiaca|celiachia|dialisi|chemioterapia|tumore|disabile|disabilità|cieco|cieca|sordo|sorda|autistico|stampelle|cardiopatico|cardiopatica|apparecchio acustico|deambulatore|artrite|ictus|cane guida|mobilità ridotta|sclerosi multipla|infarto|pacemaker|bombola di ossigeno|sieropositivo|sieropositiva|depressione|intervento al ginocchio|operato al ginocchio|operata al ginocchio|protesi d'anca|ernia del disco|emicrania|leucemia|morbo di parkinson|morbo di crohn|paraplegico|paraplegica|apnee notturne|fibromialgia|artrosi
rolstoel|zwanger|diabeet|diabetes|suikerziekte|suikerpatiënt|insuline|epilepsie|astma|coeliakie|dialyse|chemotherapie|kanker|dementie|gehandicapt|blind|doof|slechthorend|slechtziend|autistisch|autisme|krukken|hartpatiënt|notenallergie|pinda-allergie|rolstoelgebruiker|rollator|gehoorapparaat|zuurstofapparaat|reuma|beroerte|hartinfarct|blindengeleidehond|multiple sclerose|parkinson|pacemaker|slecht ter been|hiv-positief|hiv positief|depressie|depressief|knieoperatie|heupoperatie|hartoperatie|hernia|migraine|leukemie|tumor|ziekte van parkinson|ziekte van crohn|dwarslaesie|slaapapneu|artritis|artrose|fibromyalgie|herseninfarct|burn-out
wózku inwalidzkim|wózek inwalidzki|wózka inwalidzkiego|ciąży|ciężarna|cukrzycę|cukrzyca|cukrzycą|insulinę|insulina|padaczkę|padaczka|astmę|astma|celiakię|celiakia|dializy|chemioterapia|chemioterapii|raka|niepełnosprawny|niepełnosprawna|niewidomy|niewidoma|głuchy|głucha|autyzm|kulach|rozrusznik serca|aparat słuchowy|koncentrator tlenu|balkonik|balkonikiem|udar|udarze|zawał|zawale|stwardnienie rozsiane|pies przewodnik|słabowidzący|niedosłyszący|hiv|depresję|depresja|depresji|operacji kolana|operacji biodra|migreny|migrenę|białaczka|białaczkę|guz|chorobę parkinsona|choroba parkinsona|chorobę crohna|bezdech senny|epilepsja|epilepsję|artretyzm|reumatyzm|cukrzyk`

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
	for n := range l.health {
		r := &l.health[n]
		end := i + 1
		if !s.follows(end, r.rest) || slices.ContainsFunc(l.health, func(o remark) bool { return len(o.rest) > len(r.rest) && s.follows(end, o.rest) }) {
			continue
		}
		end += len(r.rest)
		start := i
		if r.open {
			end = s.causeEnd(end)
			start = s.whatBefore(i)
		} else {
			start = min(s.monthsBefore(i), s.typeBefore(i))
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
		switch l := s.lexeme(i); {
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

// whatBefore takes in what an English remark is to where it stands before: "nut
// allergy", "lactose intolerant".
func (s *scan) whatBefore(i int) int {
	if !toWhat[s.tokens[i].fold] || i == 0 || s.tokens[i-1].kind != word || len(s.tokens[i-1].fold) < 3 {
		return i
	}
	if l := s.lexeme(i - 1); l != nil && l.flags&isPlain != 0 || howBad[s.tokens[i-1].fold] {
		return i
	}
	return i - 1
}

var (
	toWhat = nameSet("allergy allergies intolerant intolerance allergic")
	howBad = nameSet("severe severely mild terrible terribly nasty highly deadly violently extremely slightly mildly very food")
)

// typeBefore takes in "type one" before "diabetic".
func (s *scan) typeBefore(i int) int {
	if i >= 2 && s.tokens[i-2].fold == "type" && strings.HasPrefix(s.tokens[i].fold, "diabet") {
		return i - 2
	}
	return i
}

// monthsBefore takes "seven months" before "pregnant" along.
func (s *scan) monthsBefore(i int) int {
	if i >= 2 && (s.tokens[i-1].fold == "months" || s.tokens[i-1].fold == "weeks") {
		return i - 2
	}
	return i
}
