package pii

import (
	"strings"
	"unicode/utf8"
)

// longestMail bounds each side of an e-mail address, in bytes.
const longestMail = 256

// mail looks at what stands around the at sign at i and gives where to go on.
func (w *writtenWork) mail(i int) int {
	text := w.text
	start := i
	for start > 0 && i-start < longestMail && localByte(text[start-1]) {
		start--
	}
	for start < i && !utf8.RuneStart(text[start]) {
		start++
	}
	for start < i && strings.IndexByte(".'!/=*|{}-", text[start]) >= 0 {
		start++
	}
	end, dots := readDomain(text, i+1)
	if start == i || dots == 0 || text[i-1] == '.' {
		return i + 1
	}
	last := text[strings.LastIndexByte(text[i+1:end], '.')+i+2 : end]
	if !topLevel(last) {
		return i + 1
	}
	w.put(finding{kind: Email, start: start, end: end, score: 1, rank: rankChecksum, reason: "the form of an e-mail address"})
	w.lastNumber = max(w.lastNumber, end)
	return end
}

// localByte tells whether b may stand before the at sign.
func localByte(b byte) bool {
	return isAlnum(b) || b >= 0x80 || strings.IndexByte("._%+-!#$&'*/=?^`{|}~", b) >= 0
}

// readDomain reads labels with dots between. It gives where they end and how
// many dots stand in them.
func readDomain(text string, at int) (end, dots int) {
	end = at
	for i := at; i < len(text) && i-at < longestMail; {
		begin := i
		for i < len(text) && (isAlnum(text[i]) || text[i] >= 0x80 || text[i] == '-') && i-at < longestMail {
			i++
		}
		if i == begin || text[begin] == '-' || text[i-1] == '-' {
			break
		}
		end = i
		if begin > at {
			dots++
		}
		if i >= len(text) || text[i] != '.' {
			break
		}
		i++
	}
	return end, dots
}

// topLevel tells whether a label can be a domain's last.
func topLevel(label string) bool {
	if strings.HasPrefix(label, "xn--") {
		return len(label) > 4
	}
	letters := 0
	for i := range len(label) {
		if !wordByte(label[i]) {
			return false
		}
		letters++
	}
	return letters >= 2 && letters <= 63
}

// link reads the web address around the "://" at i.
func (w *writtenWork) link(i int) int {
	text := w.text
	start := i
	for start > 0 && i-start < 8 && isLetter(text[start-1]) {
		start--
	}
	if !strings.EqualFold(text[start:i], "http") && !strings.EqualFold(text[start:i], "https") && !strings.EqualFold(text[start:i], "ftp") {
		return i + 3
	}
	end, dots := readDomain(text, i+3)
	if dots == 0 {
		return i + 3
	}
	last := text[i+3+strings.LastIndexByte(text[i+3:end], '.')+1 : end]
	if !topLevel(last) && ipv4(text, i+3) != end {
		return i + 3
	}
	end = pathEnd(text, end)
	w.web(start, end, 0.6)
	return end
}

// dot looks for a web address without its scheme around the dot at i.
func (w *writtenWork) dot(i int) int {
	text := w.text
	if i == 0 || i+2 >= len(text) || !(isAlnum(text[i-1]) || text[i-1] >= 0x80) || !(isLetter(text[i+1]) || isDigit(text[i+1]) || text[i+1] >= 0x80) {
		return i + 1
	}
	if i >= 4 && isHex(text[i-1]) && isHex(text[i+1]) && i-4 >= w.lastNumber {
		if at := hardware(text, i-4); at > 0 {
			w.machine(MAC, i-4, at)
			w.lastNumber = at
			return at
		}
	}
	if isDigit(text[i-1]) && isDigit(text[i+1]) || !w.scan.wants(URL) && !w.scan.wants(Email) {
		return i + 1
	}
	start := i
	for start > w.lastNumber && i-start < longestMail && (isAlnum(text[start-1]) || text[start-1] == '-') {
		start--
	}
	end, _ := readDomain(text, start)
	if end <= i || start > 0 && (text[start-1] == '@' || text[start-1] >= 0x80) {
		return i + 1
	}
	if end < len(text) && (text[end] == '@' || localByte(text[end]) && strings.IndexByte(text[end:min(len(text), end+longestMail)], '@') >= 0 && mailFollows(text, end)) {
		return i + 1
	}
	last := text[start+strings.LastIndexByte(text[start:end], '.')+1 : end]
	if i-start < 2 || !isTopDomain(last) || publicSites[strings.ToLower(text[start:end])] {
		return max(i+1, min(end, i+2))
	}
	end = pathEnd(text, end)
	w.web(start, end, 0.5)
	return end
}

// mailFollows tells whether an at sign follows without a break.
func mailFollows(text string, at int) bool {
	for at < len(text) && localByte(text[at]) {
		at++
	}
	return at < len(text) && text[at] == '@'
}

func (w *writtenWork) web(start, end int, score float64) {
	f := finding{kind: URL, start: start, end: end, score: score, rank: rankChecksum, reason: "the form of a web address"}
	if w.around(start, end).has(aboutWeb) {
		f.score, f.source = raised(score), FromContext
	}
	w.put(f)
	w.lastNumber = max(w.lastNumber, end)
}

// pathEnd takes in the port, path and query behind a domain.
func pathEnd(text string, end int) int {
	if end >= len(text) || strings.IndexByte("/?#:", text[end]) < 0 {
		return end
	}
	at := end
	for at < len(text) && strings.IndexByte(" \t\r\n()<>\"'", text[at]) < 0 {
		at++
	}
	for at > end && strings.IndexByte(".,;:!?", text[at-1]) >= 0 {
		at--
	}
	return at
}

// publicSites are known to everybody and nobody's own.
var publicSites = streetWords(`booking.com expedia.com expedia.de expedia.fr hotels.com hrs.de hrs.com agoda.com airbnb.com airbnb.de airbnb.fr
	airbnb.es airbnb.it trivago.com trivago.de trivago.fr tripadvisor.com tripadvisor.de tripadvisor.fr tripadvisor.it tripadvisor.es kayak.com kayak.de
	google.com google.de google.fr google.es google.it google.nl google.pl facebook.com instagram.com whatsapp.com youtube.com amazon.com amazon.de paypal.com
	check24.de opodo.de opodo.com lastminute.com trip.com`)

// isTopDomain tells whether a label is a country's domain or one of the common
// others: without a scheme, what stands between dots could be anything.
func isTopDomain(label string) bool {
	if len(label) < 2 || len(label) > 12 {
		return false
	}
	var buf [12]byte
	for i := range len(label) {
		buf[i] = lowerByte(label[i])
	}
	return topDomains[string(buf[:len(label)])]
}

var topDomains = func() map[string]bool {
	table := map[string]bool{}
	for name := range strings.FieldsSeq(`ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br
		bs bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj
		fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it
		je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq
		mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro
		rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv
		tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw
		com net org info biz edu gov int mil mobi name pro tel travel hotel hotels reise reisen cat eus gal bzh alsace
		berlin hamburg koeln cologne bayern wien tirol london paris amsterdam brussels vlaanderen roma corsica swiss app
		dev online shop store site website blog cloud email club life live world today tech agency group company gmbh
		haus immo restaurant bar cafe events tours taxi cab holiday villas apartments rentals rent rest spa fit health
		care doctor clinic legal law tax finance bank money credit cards insure design digital media news press network
		systems solutions services support software studio gallery photo photos pics art music video film games wiki
		xyz icu top vip one page link click work works zone space fun cool best global international social community
		academy school university study coach consulting expert guide family kids wedding gifts flowers wine beer pizza
		kitchen catering coffee farm garden bio eco green solar energy house homes land estate properties property villas`) {
		table[name] = true
	}
	return table
}()
