// Words that say nothing about what a text is about. They are neither indexed nor asked for.
export const stopWords: ReadonlySet<string> = new Set(
  `a about after all also am an and any are as at be because been before being but by can could did do does doing
  each for from had has have having he her here him his how i if in into is it its itself just me more most my no nor
  not of off on once only or other our out over own same she should so some such than that the their them then there
  these they this those through to too under until up us very was we were what when where which while who whom why
  will with would you your yours ll ve re s t d m
  а без более бы был была были было быть в вам вами вас весь во вот все всех всего вы где да даже для до его ее если
  есть еще же за зачем и из или им их к ли каких какая какие какой какое каким какую как когда кого кому которая
  которого которой которую который которые которых кто ко куда между меня мне мной мог могут может можно мой моя мы на
  над надо нам нами нас не него нее ней нет ни них но ну о об однако он она они оно от очень по под почему при про с
  свой свою себе себя сколько со среди так также такая такие такой такое там те тебе тебя тем то тогда того тоже той
  только том ты у уже хотя чего чей чем через что чтобы чьи эта эти это этого этой этом этот эту я`
    .split(/\s+/)
    .filter(Boolean),
);
