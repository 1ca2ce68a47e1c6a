/**
 * The steps table: the way that this example goes on each track, from the first step to an outcome with its paper.
 *
 * The only thing in which one role differs from another. Every step and outcome that there is, and in which stage it may be said, stands in
 * contracts/schemas/tracks/<track>.json. `steps`: data of `<track>.progressed`; `outcome`: of `<track>.outcome_reported`; `paper`: its kind.
 */
export const TRACKS = {
  court: { steps: [{ step: "docketed" }, { step: "hearing" }], outcome: "judged_for_claimant", paper: "judgment" },
  confirmation: { steps: [{ step: "accepted" }], outcome: "confirmed" },
  mediation: {
    steps: [
      { step: "consent_given", by: "all" }, // both parties have to have agreed
      { step: "mediator_accepted", recusal_checked: true },
      { step: "session" },
      { step: "signed" },
    ],
    outcome: "agreement",
  },
  arbitration: { steps: [{ step: "accepted" }, { step: "hearing" }], outcome: "award", paper: "award" },
  adjudication: { steps: [{ step: "docketed" }, { step: "heard" }], outcome: "infringement_found", paper: "decision" },
  penalty: { steps: [{ step: "filed" }], outcome: "penalised", paper: "decision" },
  criminal: { steps: [{ step: "filed" }], outcome: "dropped", paper: "notice" },
  platform: { steps: [{ step: "passed_on" }, { step: "measures_taken" }], outcome: "measures_stand" },
  fair: { steps: [{ step: "exhibitor_told" }, { step: "covered" }], outcome: "exhibit_covered" },
  customs: { steps: [{ step: "detention_asked" }, { step: "detained" }], outcome: "infringing", paper: "decision" },
  opinion: { steps: [{ step: "experts_assigned", recusal_checked: true }], outcome: "opinion_given", paper: "opinion" },
  credit: { steps: [{ step: "checked" }, { step: "entered" }], outcome: "recorded" },
};
