import type { CardActions } from './actions';
import type { CardModel } from './model';

/** What every part of a card is given. */
export interface ICardProps {
  model: CardModel;
  actions: CardActions;
  /** The cell's text is another than the one that ran. */
  edited: boolean;
}
