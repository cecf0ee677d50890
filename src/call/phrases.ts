// Phrases: the few sentences we say ourselves, when nobody else has anything to say.

export interface Phrases {
  readonly stillThere: string;
  readonly goodbyeSilent: string;
  readonly oneMoment: string;
  readonly stillWorking: string;
  readonly apology: string;
  readonly timeIsUp: string;
  /** To whoever is on the line when the Gateway is stopped. */
  readonly closing: string;
  /** To a caller beyond our limit, who is then let go. */
  readonly busy: string;
  /** To a caller on a number that no agent owns, who is then let go. */
  readonly nobody: string;
  /** To an unknown caller, who is then let go; `{code}` stands for the code, digit by digit. */
  readonly pairing: string;
}

const english: Phrases = {
  stillThere: 'Are you still there?',
  goodbyeSilent: 'I cannot hear you, so I will hang up now. Goodbye.',
  oneMoment: 'One moment, please.',
  stillWorking: 'I am still working on that.',
  apology: 'Sorry, I could not get an answer just now. Could you say that again?',
  timeIsUp: 'I am sorry, our time is up. Goodbye.',
  closing: 'I am sorry, I have to go now. Please call again later. Goodbye.',
  busy: 'All lines are busy. Please call again later. Goodbye.',
  nobody: 'Nobody can take your call on this number at the moment. Please call again later. Goodbye.',
  pairing:
    'Before we can talk, the owner of this number must approve your code: {code}. Again: {code}. Please call back then. Goodbye.',
};

/** By the language part of a BCP 47 tag. */
export const phrasesByLanguage: Readonly<Record<string, Phrases>> = {
  en: english,
  de: {
    stillThere: 'Sind Sie noch da?',
    goodbyeSilent: 'Ich kann Sie nicht hören und lege jetzt auf. Auf Wiederhören.',
    oneMoment: 'Einen Moment, bitte.',
    stillWorking: 'Ich bin noch dabei.',
    apology: 'Entschuldigung, ich habe gerade keine Antwort bekommen. Können Sie das noch einmal sagen?',
    timeIsUp: 'Unsere Zeit ist leider um. Auf Wiederhören.',
    closing:
      'Entschuldigung, ich muss jetzt auflegen. Bitte rufen Sie später noch einmal an. Auf Wiederhören.',
    busy: 'Alle Leitungen sind belegt. Bitte rufen Sie später noch einmal an. Auf Wiederhören.',
    nobody:
      'Unter dieser Nummer kann Ihren Anruf zurzeit niemand annehmen. Bitte rufen Sie später noch einmal an. Auf Wiederhören.',
    pairing:
      'Bevor wir sprechen können, muss der Inhaber dieser Nummer Ihren Code bestätigen: {code}. Noch einmal: {code}. Rufen Sie danach bitte wieder an. Auf Wiederhören.',
  },
  es: {
    stillThere: '¿Sigue ahí?',
    goodbyeSilent: 'No le oigo, así que voy a colgar. Adiós.',
    oneMoment: 'Un momento, por favor.',
    stillWorking: 'Sigo en ello.',
    apology: 'Perdone, no he podido obtener una respuesta. ¿Puede repetirlo?',
    timeIsUp: 'Lo siento, se nos ha acabado el tiempo. Adiós.',
    closing: 'Lo siento, ahora tengo que colgar. Por favor, llame más tarde. Adiós.',
    busy: 'Todas las líneas están ocupadas. Por favor, llame más tarde. Adiós.',
    nobody: 'En este momento nadie puede atenderle en este número. Por favor, llame más tarde. Adiós.',
    pairing:
      'Antes de hablar, el titular de este número debe aprobar su código: {code}. Repito: {code}. Después, vuelva a llamar, por favor. Adiós.',
  },
  fr: {
    stillThere: 'Êtes-vous toujours là ?',
    goodbyeSilent: 'Je ne vous entends pas, je vais donc raccrocher. Au revoir.',
    oneMoment: 'Un instant, s’il vous plaît.',
    stillWorking: 'J’y travaille encore.',
    apology: 'Désolé, je n’ai pas pu obtenir de réponse. Pouvez-vous répéter ?',
    timeIsUp: 'Je suis désolé, notre temps est écoulé. Au revoir.',
    closing: 'Je suis désolé, je dois vous laisser maintenant. Veuillez rappeler plus tard. Au revoir.',
    busy: 'Toutes nos lignes sont occupées. Veuillez rappeler plus tard. Au revoir.',
    nobody:
      'Personne ne peut prendre votre appel à ce numéro pour le moment. Veuillez rappeler plus tard. Au revoir.',
    pairing:
      'Avant de pouvoir parler, le titulaire de ce numéro doit approuver votre code : {code}. Je répète : {code}. Rappelez ensuite, s’il vous plaît. Au revoir.',
  },
  it: {
    stillThere: 'È ancora in linea?',
    goodbyeSilent: 'Non la sento, quindi ora riattacco. Arrivederci.',
    oneMoment: 'Un momento, per favore.',
    stillWorking: 'Ci sto ancora lavorando.',
    apology: 'Mi scusi, non sono riuscito ad avere una risposta. Può ripetere?',
    timeIsUp: 'Mi dispiace, il nostro tempo è finito. Arrivederci.',
    closing: 'Mi dispiace, ora devo riattaccare. La preghiamo di richiamare più tardi. Arrivederci.',
    busy: 'Tutte le linee sono occupate. La preghiamo di richiamare più tardi. Arrivederci.',
    nobody:
      'Al momento nessuno può rispondere a questo numero. La preghiamo di richiamare più tardi. Arrivederci.',
    pairing:
      'Prima di poter parlare, il titolare di questo numero deve approvare il suo codice: {code}. Ripeto: {code}. Poi richiami, per favore. Arrivederci.',
  },
  nl: {
    stillThere: 'Bent u er nog?',
    goodbyeSilent: 'Ik kan u niet horen, dus ik hang nu op. Tot ziens.',
    oneMoment: 'Een ogenblik, alstublieft.',
    stillWorking: 'Ik ben er nog mee bezig.',
    apology: 'Sorry, ik kon zojuist geen antwoord krijgen. Kunt u dat nog eens zeggen?',
    timeIsUp: 'Het spijt me, onze tijd is om. Tot ziens.',
    closing: 'Het spijt me, ik moet nu ophangen. Belt u later nog eens. Tot ziens.',
    busy: 'Alle lijnen zijn bezet. Belt u later nog eens. Tot ziens.',
    nobody: 'Op dit nummer kan nu niemand uw oproep aannemen. Belt u later nog eens. Tot ziens.',
    pairing:
      'Voordat we kunnen praten, moet de eigenaar van dit nummer uw code goedkeuren: {code}. Nogmaals: {code}. Belt u daarna terug. Tot ziens.',
  },
  pl: {
    stillThere: 'Czy jest tam ktoś?',
    goodbyeSilent: 'Nic nie słyszę, więc się rozłączam. Do widzenia.',
    oneMoment: 'Chwileczkę, proszę.',
    stillWorking: 'Nadal nad tym pracuję.',
    apology: 'Przepraszam, nie udało mi się uzyskać odpowiedzi. Proszę powtórzyć.',
    timeIsUp: 'Przykro mi, nasz czas się skończył. Do widzenia.',
    closing: 'Przepraszam, muszę już kończyć. Proszę zadzwonić później. Do widzenia.',
    busy: 'Wszystkie linie są zajęte. Proszę zadzwonić później. Do widzenia.',
    nobody: 'Pod tym numerem nikt nie może teraz odebrać połączenia. Proszę zadzwonić później. Do widzenia.',
    pairing:
      'Zanim porozmawiamy, właściciel tego numeru musi zatwierdzić kod: {code}. Powtarzam: {code}. Potem proszę zadzwonić ponownie. Do widzenia.',
  },
  pt: {
    stillThere: 'Ainda está aí?',
    goodbyeSilent: 'Não consigo ouvir, por isso vou desligar. Até logo.',
    oneMoment: 'Um momento, por favor.',
    stillWorking: 'Ainda estou vendo isso.',
    apology: 'Desculpe, não consegui uma resposta agora. Pode repetir?',
    timeIsUp: 'Sinto muito, o nosso tempo acabou. Até logo.',
    closing: 'Sinto muito, tenho de desligar agora. Por favor, ligue mais tarde. Até logo.',
    busy: 'Todas as linhas estão ocupadas. Por favor, ligue mais tarde. Até logo.',
    nobody: 'Neste momento ninguém pode atender neste número. Por favor, ligue mais tarde. Até logo.',
    pairing:
      'Antes de falarmos, o titular deste número precisa aprovar o seu código: {code}. Repetindo: {code}. Depois, ligue novamente, por favor. Até logo.',
  },
  sv: {
    stillThere: 'Är du kvar?',
    goodbyeSilent: 'Jag kan inte höra dig, så jag lägger på nu. Hej då.',
    oneMoment: 'Ett ögonblick, tack.',
    stillWorking: 'Jag arbetar fortfarande på det.',
    apology: 'Förlåt, jag kunde inte få något svar just nu. Kan du säga det igen?',
    timeIsUp: 'Tyvärr är vår tid slut. Hej då.',
    closing: 'Tyvärr måste jag lägga på nu. Ring gärna igen senare. Hej då.',
    busy: 'Alla linjer är upptagna. Ring gärna igen senare. Hej då.',
    nobody: 'Just nu kan ingen ta emot ditt samtal på det här numret. Ring gärna igen senare. Hej då.',
    pairing:
      'Innan vi kan prata måste numrets ägare godkänna din kod: {code}. En gång till: {code}. Ring sedan igen. Hej då.',
  },
  da: {
    stillThere: 'Er du der stadig?',
    goodbyeSilent: 'Jeg kan ikke høre dig, så jeg lægger på nu. Farvel.',
    oneMoment: 'Et øjeblik.',
    stillWorking: 'Jeg arbejder stadig på det.',
    apology: 'Undskyld, jeg kunne ikke få et svar lige nu. Kan du sige det igen?',
    timeIsUp: 'Desværre er vores tid gået. Farvel.',
    closing: 'Jeg må desværre lægge på nu. Ring venligst igen senere. Farvel.',
    busy: 'Alle linjer er optaget. Ring venligst igen senere. Farvel.',
    nobody: 'Lige nu kan ingen tage imod dit opkald på dette nummer. Ring venligst igen senere. Farvel.',
    pairing:
      'Før vi kan tale sammen, skal ejeren af dette nummer godkende din kode: {code}. Jeg gentager: {code}. Ring derefter igen. Farvel.',
  },
  nb: {
    stillThere: 'Er du der fortsatt?',
    goodbyeSilent: 'Jeg kan ikke høre deg, så jeg legger på nå. Ha det.',
    oneMoment: 'Et øyeblikk.',
    stillWorking: 'Jeg jobber fortsatt med det.',
    apology: 'Beklager, jeg fikk ikke noe svar akkurat nå. Kan du si det igjen?',
    timeIsUp: 'Beklager, tiden vår er ute. Ha det.',
    closing: 'Beklager, jeg må legge på nå. Ring gjerne igjen senere. Ha det.',
    busy: 'Alle linjer er opptatt. Vennligst ring igjen senere. Ha det.',
    nobody:
      'Akkurat nå kan ingen ta imot anropet ditt på dette nummeret. Vennligst ring igjen senere. Ha det.',
    pairing:
      'Før vi kan snakke, må eieren av dette nummeret godkjenne koden din: {code}. Jeg gjentar: {code}. Ring deretter igjen. Ha det.',
  },
  tr: {
    stillThere: 'Orada mısınız?',
    goodbyeSilent: 'Sizi duyamıyorum, bu yüzden şimdi kapatıyorum. Hoşça kalın.',
    oneMoment: 'Bir dakika lütfen.',
    stillWorking: 'Hâlâ üzerinde çalışıyorum.',
    apology: 'Üzgünüm, şu anda bir yanıt alamadım. Tekrar söyler misiniz?',
    timeIsUp: 'Üzgünüm, süremiz doldu. Hoşça kalın.',
    closing: 'Üzgünüm, şimdi kapatmam gerekiyor. Lütfen daha sonra tekrar arayın. Hoşça kalın.',
    busy: 'Tüm hatlarımız dolu. Lütfen daha sonra tekrar arayın. Hoşça kalın.',
    nobody:
      'Şu anda bu numarada aramanızı yanıtlayabilecek kimse yok. Lütfen daha sonra tekrar arayın. Hoşça kalın.',
    pairing:
      'Konuşabilmemiz için bu numaranın sahibinin kodunuzu onaylaması gerekiyor: {code}. Tekrar ediyorum: {code}. Lütfen ondan sonra yeniden arayın. Hoşça kalın.',
  },
  ja: {
    stillThere: 'もしもし、聞こえていますか。',
    goodbyeSilent: 'お声が聞こえないため、電話を切らせていただきます。失礼いたします。',
    oneMoment: '少々お待ちください。',
    stillWorking: 'ただいま確認しております。',
    apology: '申し訳ありません、回答を得られませんでした。もう一度おっしゃっていただけますか。',
    timeIsUp: '申し訳ありませんが、お時間になりました。失礼いたします。',
    closing: '申し訳ありませんが、ここで失礼いたします。後ほどおかけ直しください。',
    busy: 'ただいま回線が大変混み合っております。のちほどおかけ直しください。失礼いたします。',
    nobody:
      '申し訳ありませんが、この番号ではただいまお電話をお受けできません。のちほどおかけ直しください。失礼いたします。',
    pairing:
      'お話しするには、この番号の所有者がお客様のコードを承認する必要があります。コードは、{code}。繰り返します、{code}。承認後におかけ直しください。失礼いたします。',
  },
  zh: {
    stillThere: '您还在吗？',
    goodbyeSilent: '我听不到您的声音，先挂断了。再见。',
    oneMoment: '请稍等。',
    stillWorking: '我还在处理。',
    apology: '抱歉，刚才没有得到答复。您能再说一遍吗？',
    timeIsUp: '抱歉，通话时间到了。再见。',
    closing: '抱歉，我现在得挂断了。请稍后再打来。再见。',
    busy: '所有线路都在忙，请稍后再拨。再见。',
    nobody: '抱歉，此号码目前无人接听，请稍后再拨。再见。',
    pairing: '通话之前，需要本号码的主人批准您的验证码：{code}。再说一遍：{code}。批准后请再打来。再见。',
  },
  ko: {
    stillThere: '여보세요, 아직 듣고 계신가요?',
    goodbyeSilent: '목소리가 들리지 않아 전화를 끊겠습니다. 안녕히 계세요.',
    oneMoment: '잠시만 기다려 주세요.',
    stillWorking: '아직 확인하고 있습니다.',
    apology: '죄송합니다, 지금 답변을 받지 못했습니다. 다시 한번 말씀해 주시겠어요?',
    timeIsUp: '죄송합니다, 통화 시간이 다 되었습니다. 안녕히 계세요.',
    closing: '죄송합니다, 지금 끊어야 합니다. 나중에 다시 전화해 주세요. 안녕히 계세요.',
    busy: '지금은 모든 회선이 통화 중입니다. 나중에 다시 걸어 주세요. 안녕히 계세요.',
    nobody: '지금은 이 번호로 전화를 받을 수 없습니다. 나중에 다시 걸어 주세요. 안녕히 계세요.',
    pairing:
      '통화하려면 이 번호의 소유자가 코드를 승인해야 합니다. 코드는 {code}. 다시 말씀드립니다. {code}. 승인된 뒤에 다시 걸어 주세요. 안녕히 계세요.',
  },
  hi: {
    stillThere: 'क्या आप अभी भी लाइन पर हैं?',
    goodbyeSilent: 'मुझे आपकी आवाज़ नहीं आ रही, इसलिए कॉल समाप्त की जा रही है। नमस्ते।',
    oneMoment: 'कृपया एक क्षण रुकिए।',
    stillWorking: 'इस पर अभी काम चल रहा है।',
    apology: 'क्षमा कीजिए, अभी उत्तर नहीं मिल पाया। क्या आप फिर से कह सकते हैं?',
    timeIsUp: 'क्षमा कीजिए, हमारा समय समाप्त हो गया। नमस्ते।',
    closing: 'क्षमा कीजिए, मुझे अब फ़ोन रखना होगा। कृपया बाद में फिर कॉल करें। नमस्ते।',
    busy: 'सभी लाइनें व्यस्त हैं। कृपया बाद में फिर कॉल करें। नमस्ते।',
    nobody: 'इस नंबर पर अभी कोई कॉल नहीं ले सकता। कृपया बाद में फिर कॉल करें। नमस्ते।',
    pairing:
      'बात करने से पहले इस नंबर के मालिक को आपका कोड स्वीकार करना होगा: {code}। फिर से सुनिए: {code}। उसके बाद कृपया दोबारा कॉल करें। नमस्ते।',
  },
  ar: {
    stillThere: 'هل ما زلت على الخط؟',
    goodbyeSilent: 'لا أستطيع سماعك، لذلك سأنهي المكالمة الآن. مع السلامة.',
    oneMoment: 'لحظة من فضلك.',
    stillWorking: 'ما زلت أعمل على ذلك.',
    apology: 'عذرًا، لم أتمكن من الحصول على إجابة الآن. هل يمكنك إعادة ما قلته؟',
    timeIsUp: 'عذرًا، لقد انتهى وقتنا. مع السلامة.',
    closing: 'عذرًا، عليّ أن أنهي المكالمة الآن. يرجى معاودة الاتصال لاحقًا. مع السلامة.',
    busy: 'جميع الخطوط مشغولة. يرجى الاتصال لاحقًا. مع السلامة.',
    nobody: 'لا يمكن لأحد الرد على مكالمتك على هذا الرقم الآن. يرجى الاتصال لاحقًا. مع السلامة.',
    pairing:
      'قبل أن نتحدث، يجب أن يوافق صاحب هذا الرقم على رمزك: {code}. مرة أخرى: {code}. يرجى الاتصال مجددًا بعد ذلك. مع السلامة.',
  },
};

/** Other names of a language whose sentences we have. */
const ALIASES: Readonly<Record<string, string>> = { no: 'nb', nn: 'nb', cmn: 'zh', arb: 'ar' };

/** The sentences for a BCP 47 language; English where we have none of our own. */
export function phrasesFor(language: string): Phrases {
  const [name = ''] = language.toLowerCase().split(/[-_]/);
  const known = ALIASES[name] ?? name;
  return Object.hasOwn(phrasesByLanguage, known) ? (phrasesByLanguage[known] ?? english) : english;
}

/** What an unknown caller hears: their code, digit by digit, and what must happen to it. */
export function pairingSentence(language: string, code: string): string {
  return phrasesFor(language).pairing.replaceAll('{code}', [...code].join(', '));
}
