"""Words that carry no subject, by language; courtesies of a chat among them. Written without accents."""

_ENGLISH = """
a about above after again against all also am an and any are as at be because been before being below
between both but by can cannot could did do does doing done don down during each either else few for from
further get gets getting go going got had has have having he her here hers him his how however i if in into
is it its itself just let like ll many may me might mine more most much must my neither no nor not now of
off on once one only or other our ours out over own per please quite rather re really same say shall she
should so some such tell than that the their theirs them then there these they this those through to too
under until up upon us very via want was way we well were what when where whether which while who whom whose
why will with within without would ve yes yet you your yours d s t m hello hi hey thanks thank okay ok sorry
sure know need help question wondering didn doesn isn wasn aren weren won wouldn shouldn couldn hasn haven
hadn im ive youre dont doesnt didnt isnt wasnt arent werent wont wouldnt cant couldnt shouldnt hasnt havent
hadnt whats thats theres
"""
_SPANISH = """
a acerca ademas al algo algun alguna algunas alguno algunos ante antes aquel aquella aqui asi aun aunque
bajo bien cada casi como con contra cual cuales cualquier cuando cuanta cuantas cuanto cuantos de debe deben
del desde donde dos durante e el ella ellas ello ellos en entre era eran es esa esas ese eso esos esta
estaba estan estar estas este esto estos estoy fue fueron ha haber habia han hasta hay he incluso la las le
les lo los mas me mi mis mientras mucho muy nada ni no nos nosotros nuestra nuestras nuestro nuestros o os
otra otras otro otros para pero poco podria por porque pueda pueden puede puedo pues que quien quienes
quiero quisiera saber se sea sean ser seria si sido siempre sin sino sobre son soy su sus suya suyo tal
tambien tan tanto te tener tengo ti tiene tienen toda todas todo todos tras tu tus u un una unas uno unos
usted ustedes va y ya yo hola gracias favor ayuda necesito pregunta
"""
_PORTUGUESE = """
a ainda alem algum alguma algumas alguns ao aos apenas aquela aquele aqui as assim ate bem cada com como
contra cujo da das de dela dele deles depois desde deve devem do dos e ela elas ele eles em enquanto entre
era essa essas esse esses esta estao estar estas estava este estes estou eu foi foram for ha isso isto ja
lhe lhes mais mas me mesmo meu meus minha minhas muito na nao nas nem nenhum no nos nossa nossas nosso
nossos num numa o onde os ou outra outras outro outros para pela pelas pelo pelos pode podem por porque
posso pouco pra quais qual qualquer quando quanta quanto que quem quero se seja sem ser seria seu seus so
sobre sou sua suas tal tambem tao te tem tenho ter teu teus toda todas todo todos tu tua tuas um uma umas
uns vai voce voces vos ola obrigado obrigada favor ajuda preciso
"""
_FRENCH = """
a afin ai ainsi alors apres as au aucun aucune aussi autre autres aux avant avec avez avoir avons c ca car
ce cela celle celles celui ces cet cette ceux chaque chez ci comme comment contre d dans de depuis des deux
doit doivent donc dont du elle elles en encore entre es est et etait ete etre eu eux faire fait faut font
hors il ils j je jusqu jusque l la le les leur leurs lors lorsque lui m ma mais me meme memes mes mien moi
moins mon n ne ni non nos notre nous on ont or ou par parce pas pendant peu peut peuvent peux plus pour
pourquoi pourrais puis puisque qu quand que quel quelle quelles quelque quelques quels qui quoi s sa sans se
sera ses si sien soit sommes son sont sous suis sur t ta tandis te tel tes toi ton tous tout toute toutes
tres tu un une vers voici voila vos votre voudrais vous y bonjour merci salut aide besoin savoir veux
"""
_GERMAN = """
ab aber alle allem allen aller alles als also am an andere anderen anderer anderes auch auf aus bei beim bin
bis bist bitte da dabei dafur damit dann das dass dazu dein deine dem den denn der des dessen deren dich die
dies diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines er es etwas
euch euer eure falls fur ganz gegen gibt habe haben hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr
ihre ihrem ihren ihrer ihres im in indem ins ist ja jede jedem jeden jeder jedes jene jetzt kann kannst kein
keine keinem keinen keiner konnen konnte machen man manche mehr mein meine meinem meinen meiner mich mir mit
muss mussen nach nicht nichts noch nun nur ob oder ohne sehr sein seine seinem seinen seiner seit sich sie
sind so sobald soll sollen sollte sondern sonst um und uns unser unsere unter viel viele vom von vor wahrend
wann war waren warum was weg weil weiter welche welchem welchen welcher welches wenn wer werde werden wie
wieder wieviel will wir wird wo wollen wurde wurden zu zum zur zwar zwischen hallo danke hilfe brauche
mochte wissen
"""
_ITALIAN = """
a abbia ad agli ai al alcuni alla alle allo altra altre altri altro anche ancora avere c che chi ci ciascuno
cio come con contro cosa cui d da dagli dai dal dalla dalle dallo degli dei del della delle dello deve devo
di dopo dove due e ed era erano essere fa fare fino fra gia gli ha hanno ho i il in io l la le lei li lo
loro lui ma me mentre mi mia mie miei mio molto ne negli nei nel nella nelle nello no noi non nostra nostre
nostri nostro o ogni oppure per perche piu poco poi posso potrei prima puo qual quale quali qualche quando
quanta quante quanti quanto quel quella quelle quelli quello quest questa queste questi questo qui quindi se
sei senza si sia siamo solo sono sopra sotto sta stata stati stato su sua sue sugli sui sul sulla sulle suo
suoi tra tu tua tue tuo tuoi tutta tutte tutti tutto un una uno vi voi vorrei vostra vostre vostri vostro
ciao grazie aiuto bisogno sapere voglio
"""

STOP_WORDS: dict[str, frozenset[str]] = {
    "en": frozenset(_ENGLISH.split()),
    "es": frozenset(_SPANISH.split()),
    "pt": frozenset(_PORTUGUESE.split()),
    "fr": frozenset(_FRENCH.split()),
    "de": frozenset(_GERMAN.split()),
    "it": frozenset(_ITALIAN.split()),
}
