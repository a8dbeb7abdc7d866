/** This worker cannot do the work, another one may: the activity is tried again, elsewhere. */
export class WrongWorker extends Error {
  override readonly name = 'WrongWorker';
  readonly nextStep: string;

  constructor(message: string, nextStep: string) {
    super(message);
    this.nextStep = nextStep;
  }
}
