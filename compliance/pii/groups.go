package pii

// groupWords say of what nation, faith or party somebody is. They are looked for
// only where a request names the type: in a hotel's calls a nation is mostly a
// breakfast.
const groupWords = `english british scottish welsh irish american americans canadian canadians australian australians german germans austrian austrians french italian italians spanish spaniard spaniards portuguese dutch belgian belgians polish danish
swedish norwegian finnish greek greeks turkish russian russians ukrainian ukrainians czech slovak hungarian hungarians romanian romanians bulgarian croatian serbian bosnian albanian swiss chinese japanese korean indian indians pakistani
israeli israelis palestinian syrian iraqi iranian egyptian moroccan tunisian algerian nigerian ghanaian kenyan mexican mexicans brazilian brazilians argentine african asian european europeans arab arabs kurdish kurd roma sinti hispanic latino latina caucasian
christian christians catholic catholics protestant protestants lutheran anglican anglicans orthodox methodist baptist evangelical mormon jew jews jewish muslim muslims moslem islamic sunni shia hindu hindus buddhist buddhists sikh sikhs atheist atheists agnostic
democrat democrats republican republicans conservative conservatives labour liberal liberals socialist socialists communist communists marxist nationalist nationalists tory tories
deutscher deutsche deutschen engländer engländerin brite britin ire irin schotte amerikaner amerikanerin franzose französin italiener italienerin spanier spanierin portugiese portugiesin niederländer niederländerin holländer holländerin belgier belgierin
pole polin däne dänin schwede schwedin norweger norwegerin grieche griechin türke türkin russe russin ukrainer ukrainerin schweizer schweizerin österreicher österreicherin chinese chinesin japaner japanerin syrer syrerin araber araberin kurde kurdin
christ christin katholik katholikin katholisch evangelisch protestant protestantin jude jüdin jüdisch muslim muslima moslem muslimisch buddhist buddhistin hinduist atheist atheistin sozialdemokrat sozialdemokratin kommunist kommunistin
anglais anglaise allemand allemande français française espagnol espagnole italien italienne portugais portugaise néerlandais néerlandaise belge polonais polonaise suisse autrichien autrichienne américain américaine russe turc turque marocain marocaine
algérien algérienne tunisien tunisienne chinois chinoise japonais japonaise arabe kurde chrétien chrétienne catholique protestante juif juive musulman musulmane bouddhiste hindoue athée socialiste communiste gaulliste
inglés inglesa alemán alemana francés francesa español española italiano italiana portugués portuguesa holandés holandesa polaco polaca suizo suiza austriaco austriaca americano americana ruso rusa turco turca marroquí chino china japonés japonesa árabe
cristiano cristiana católico católica judío judía musulmán musulmana budista hindú ateo atea socialista comunista
inglese tedesco tedesca francese spagnolo spagnola portoghese olandese polacco polacca svizzero svizzera russo russa turco turca marocchino marocchina cinese giapponese arabo araba cattolico cattolica ebreo ebrea musulmano musulmana buddista induista
comunista engels engelsman duits duitser fransman française spanjaard italiaan portugees nederlander nederlandse belg pool poolse zwitser oostenrijker amerikaan rus turk turkse marokkaan marokkaanse chinees japanner christen christelijk katholiek
joods jood moslim hindoe boeddhist atheïst socialist communist
anglik angielka niemiec niemka francuz francuzka hiszpan hiszpanka włoch włoszka polak polka holender holenderka belg szwajcar szwajcarka austriak austriaczka amerykanin amerykanka rosjanin rosjanka ukrainiec ukrainka turek turczynka chińczyk japończyk
chrześcijanin chrześcijanka katolik katoliczka protestant prawosławny żyd żydówka muzułmanin muzułmanka buddysta ateista ateistka socjalista komunista`

var groupNames = nameSet(groupWords)

// groupsStage finds nations, faiths and parties where a request asks for them.
func groupsStage(s *scan) {
	if !s.typed || !s.wants(NRP) {
		return
	}
	for _, t := range s.words() {
		if t.kind == word && groupNames[t.fold] {
			s.add(finding{kind: NRP, start: t.start, end: t.end, score: 0.6, source: FromPattern, rank: rankContext, reason: "a word for a nation, a faith or a party"})
		}
	}
}
