package spoken

import (
	"strings"
)

// topLevel are the ends of domain names that callers say.
var topLevel = func() map[string]bool {
	set := map[string]bool{}
	for _, name := range strings.Fields("com net org info biz eu io co de at ch fr es it nl be pl uk ie lu li dk se no fi pt cz sk hu " +
		"ro bg gr hr si ee lv lt mt cy us ca au ru ua tr il jp cn in br mx me tv ai app dev cloud online email gov edu hotel " +
		"wales scot wine vin immo gmbh reise reisen bzh gal eus swiss tirol bayern nrw saarland ruhr ltd legal tax design studio media agency digital consulting club xyz ngo dental law bike yoga " +
		"travel academy berlin hamburg koeln wien paris london amsterdam cat is name pro mobi shop store site tech world") {
		set[name] = true
	}
	return set
}()

// providers are domains that are said without a dot too.
var providers = func() map[string]bool {
	set := map[string]bool{}
	for _, name := range strings.Fields("gmail googlemail gmx web yahoo hotmail outlook icloud live msn aol proton protonmail orange free sfr " +
		"laposte wanadoo libero tiscali virgilio ziggo kpn xs4all hetnet telefonica wp onet interia o2 posteo freenet mail mailbox " +
		"tonline btinternet bluewin telenet skynet alice tin me mac") {
		set[name] = true
	}
	return set
}()

// providerAlone tells whether item i is a provider that callers name without
// its ending: "one at gmail".
func (r *Reader) providerAlone(i int) bool {
	for k := i + 1; k < len(r.items) && k < i+3; k++ {
		if topLevel[r.items[k].fold] && len(r.items[k].fold) > 2 {
			return false // its ending is said, in another language
		}
	}
	switch r.items[i].fold {
	case "gmail", "googlemail", "hotmail", "outlook", "yahoo", "icloud", "gmx", "protonmail":
		return true
	}
	return false
}

// mailReach is how many words before a name may say that an address follows.
const mailReach = 8

// plainlyMail tells whether the name before a provider alone is that of an
// address: a number or a sign is in it and a word such as "is" before it, it is
// spelled, or a word before says so.
func (r *Reader) plainlyMail(name []element, from int) bool {
	signs, letters, tied := 0, 0, false
	for i := range name {
		e := &name[i]
		if e.digits || r.connects(e.item) {
			signs++
			tied = tied || !e.digits && r.items[e.item].role&roleSign != 0
		} else if e.alone {
			letters++
		}
	}
	first := name[0].item
	led := first > from && r.items[first-1].role&roleStop != 0
	if signs > 0 && len(name) > signs && (led || tied && first == 0) || letters > 1 {
		return true
	}
	if signs == 0 && first == 0 && len(name) > 1 && !speakers[r.items[0].fold] && name[len(name)-1].last+3 == len(r.items) {
		return true // nothing else was said: "mary jane watson at outlook"
	}
	for i := first - 1; i >= max(from, first-mailReach); i-- {
		if mailWords[r.items[i].fold] {
			return true
		}
	}
	return false
}

// speakers begin a sentence: what stands behind them is no name.
var speakers = map[string]bool{
	"i": true, "we": true, "you": true, "they": true, "he": true, "she": true, "it": true, "there": true, "ich": true, "wir": true, "sie": true, "er": true,
	"je": true, "on": true, "nous": true, "il": true, "elle": true, "yo": true, "io": true, "ik": true, "wij": true, "the": true, "my": true, "our": true,
}

var mailWords = map[string]bool{
	"mail": true, "email": true, "emails": true, "mails": true, "e": true, "correo": true, "courriel": true, "mél": true, "mailadres": true,
	"mailadresse": true, "emailadresse": true, "posta": true, "adresse": true, "address": true, "indirizzo": true, "mailem": true, "maila": true,
}

// copulas stand before an address that is told.
var copulas = map[string]bool{
	"is": true, "ist": true, "est": true, "es": true, "è": true, "to": true, "jest": true, "lautet": true, "be": true, "wäre": true, "sería": true, "serait": true,
	"sarebbe": true, "brzmi": true,
}
