import './base.css';
import './grid.css';
import './panel.css';
