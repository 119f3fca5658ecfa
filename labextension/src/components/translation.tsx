import { nullTranslator, TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { DOMAIN } from '../tokens';

const Context = React.createContext<TranslationBundle>(
  nullTranslator.load(DOMAIN)
);

/** Gives the components below it their language. */
export const TranslationProvider = Context.Provider;

/** The translations of our domain. */
export function useTrans(): TranslationBundle {
  return React.useContext(Context);
}
